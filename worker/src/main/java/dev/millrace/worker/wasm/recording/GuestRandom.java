package dev.millrace.worker.wasm.recording;

import dev.millrace.worker.wasm.module.Sha256;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The random numbers that one seed gives: SHA-256 of the seed and a counter, block by block. With a
 * secret seed of 32 bytes nobody can tell them from chance or foresee them; with the seed they come
 * again.
 *
 * <p>Not the platform's own generators: those that are good enough take no seed, or give other
 * numbers for it on another platform.
 *
 * <p>Confined to one thread.
 */
public final class GuestRandom {

  /** The length of a seed. */
  public static final int SEED_BYTES = 32;

  private static final int BLOCK_BYTES = 32;

  private final MessageDigest digest = Sha256.begin();
  private final byte[] counterBytes = new byte[Long.BYTES];
  private byte[] seed = new byte[SEED_BYTES];
  private byte[] block = new byte[BLOCK_BYTES];
  private int used = BLOCK_BYTES;
  private long counter;

  /** Begins the stream of a seed; the array is not copied. */
  public void seed(byte[] next) {
    seed = next;
    used = BLOCK_BYTES;
    counter = 0;
  }

  /** Takes the next numbers of the stream, one byte each. */
  public void fill(byte[] target) {
    for (int done = 0; done < target.length; ) {
      if (used == BLOCK_BYTES) {
        nextBlock();
      }
      int length = Math.min(BLOCK_BYTES - used, target.length - done);
      System.arraycopy(block, used, target, done, length);
      used += length;
      done += length;
    }
  }

  /** Forgets the numbers that nobody has asked for. */
  void clear() {
    seed = new byte[SEED_BYTES];
    Arrays.fill(block, (byte) 0);
    used = BLOCK_BYTES;
  }

  private void nextBlock() {
    for (int i = 0; i < Long.BYTES; i++) {
      counterBytes[i] = (byte) (counter >>> (56 - 8 * i));
    }
    counter++;
    digest.update(seed);
    block = digest.digest(counterBytes);
    used = 0;
  }
}

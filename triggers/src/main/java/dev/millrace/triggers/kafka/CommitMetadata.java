package dev.millrace.triggers.kafka;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Writes the offsets finished above a committed one into the text that Kafka keeps with a committed
 * offset, so that a restart re-runs only what was in flight.
 *
 * <p>The text is base64 of: one byte of version (1); the lengths of runs of open and finished
 * offsets in turn, from the committed offset upwards, each a LEB128 number; four bytes of CRC-32C
 * over the committed offset and all of the foregoing. What does not fit into {@value #MAX_CHARS}
 * characters is left out from the top: those records run again after a restart.
 *
 * <p>A text that is not one of these (another program's, a newer version's, a damaged one) means
 * that nothing is known: records run again, none is lost.
 */
final class CommitMetadata {

  /** Brokers accept 4096 by default ({@code offset.metadata.max.bytes}). */
  static final int MAX_CHARS = 3584;

  /** More ranges than this never fit. */
  static final int MAX_RANGES = MAX_CHARS * 3 / 4 / 2;

  private static final byte VERSION = 1;
  private static final int CRC_BYTES = 4;
  private static final int MAX_RUN_BYTES = MAX_CHARS / 4 * 3 - 1 - CRC_BYTES;

  private CommitMetadata() {}

  /**
   * The text for a commit; empty when nothing is finished above the committed offset.
   *
   * @param committed the committed offset
   * @param finished the finished ranges above it, rising and apart
   */
  static String encode(long committed, List<OffsetRange> finished) {
    ByteArrayOutputStream runs = new ByteArrayOutputStream();
    long at = committed;
    for (OffsetRange range : finished) {
      int before = runs.size();
      writeNumber(runs, range.first() - at);
      writeNumber(runs, range.length());
      if (runs.size() > MAX_RUN_BYTES) {
        return before == 0 ? "" : toText(committed, runs.toByteArray(), before);
      }
      at = range.end();
    }
    return runs.size() == 0 ? "" : toText(committed, runs.toByteArray(), runs.size());
  }

  /**
   * The finished ranges that a text tells of; empty when the text is not one that this version
   * wrote for this offset.
   */
  static Optional<List<OffsetRange>> decode(long committed, String text) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int end = bytes.length - CRC_BYTES;
    if (end < 1 || bytes[0] != VERSION || crc(committed, bytes, end) != crcAt(bytes, end)) {
      return Optional.empty();
    }
    return readRuns(committed, ByteBuffer.wrap(bytes, 1, end - 1));
  }

  private static Optional<List<OffsetRange>> readRuns(long committed, ByteBuffer runs) {
    List<OffsetRange> finished = new ArrayList<>();
    long at = committed;
    while (runs.hasRemaining()) {
      long open = readNumber(runs);
      long done = readNumber(runs);
      if (open < 0 || done <= 0 || at + open < 0 || at + open + done < 0) {
        return Optional.empty();
      }
      finished.add(new OffsetRange(at + open, at + open + done));
      at += open + done;
    }
    return Optional.of(finished);
  }

  private static String toText(long committed, byte[] runs, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(1 + length + CRC_BYTES);
    bytes.put(VERSION).put(runs, 0, length);
    bytes.putInt(crc(committed, bytes.array(), bytes.position()));
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static int crc(long committed, byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, committed));
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static int crcAt(byte[] bytes, int index) {
    return ByteBuffer.wrap(bytes).getInt(index);
  }

  private static void writeNumber(ByteArrayOutputStream out, long number) {
    long rest = number;
    while (rest > 0x7f) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** The next number; -1 if the bytes end within it or it does not fit a long. */
  private static long readNumber(ByteBuffer in) {
    long number = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      if (!in.hasRemaining()) {
        return -1;
      }
      byte next = in.get();
      number |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return number;
      }
    }
    return -1;
  }
}

package dev.millrace.worker.wasm.recording;

import dev.millrace.triggers.Recording;
import dev.millrace.worker.wasm.deadline.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the world, and notes what it answered. A guest that asks nothing costs nothing, and
 * one whose invocations succeed costs no memory beyond one small buffer for its slot.
 *
 * <p>Random numbers come from a seed of their own for each invocation, drawn when the first one is
 * asked for.
 */
public final class Recorder implements HostAnswers {

  private static final byte[] NO_SEED = new byte[0];

  private final HostClock clock;
  private final Deadline deadline;
  private final TapeWriter tape = new TapeWriter();
  private @Nullable GuestRandom random;
  private byte[] seed = NO_SEED;
  private Recording.Tape start = Recording.Tape.EMPTY;

  /**
   * One for a slot.
   *
   * @param clock the world
   * @param deadline that of whatever runs in the slot
   */
  public Recorder(HostClock clock, Deadline deadline) {
    this.clock = clock;
    this.deadline = deadline;
  }

  @Override
  public void starting() {
    clear();
  }

  @Override
  public void started() {
    start = tape.tape(seed);
    clear();
  }

  @Override
  public void running() {
    clear();
  }

  /** What was asked when the sandbox was made that is in use now. */
  public Recording.Tape start() {
    return start;
  }

  /** What the invocation has asked so far. */
  public Recording.Tape run() {
    return tape.tape(seed);
  }

  @Override
  public long nanos(int id) {
    long nanos = clock.nanos(id);
    tape.number(id == HostClock.MONOTONIC ? TapeWriter.MONOTONIC : TapeWriter.REALTIME, nanos);
    return nanos;
  }

  @Override
  public long remainingMillis() {
    long millis = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos()));
    tape.number(TapeWriter.TIME_LEFT, millis);
    return millis;
  }

  @Override
  public void extend(Duration timeout, Duration most) {
    deadline.extend(timeout.toNanos(), most.toNanos());
  }

  @Override
  public void random(byte[] target) {
    GuestRandom generator = random;
    if (generator == null) {
      generator = new GuestRandom();
      random = generator;
    }
    if (seed.length == 0) {
      seed = clock.seed();
      generator.seed(seed);
    }
    generator.fill(target);
  }

  @Override
  public byte @Nullable [] answer(String call, Supplier<byte @Nullable []> ask) {
    byte[] answer = ask.get();
    tape.answer(call, answer);
    return answer;
  }

  private void clear() {
    tape.clear();
    if (seed.length > 0) {
      seed = NO_SEED;
      if (random != null) {
        random.clear();
      }
    }
  }
}

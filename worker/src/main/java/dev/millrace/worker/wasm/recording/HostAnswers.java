package dev.millrace.worker.wasm.recording;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a guest learns that is neither in its event nor in its configuration: time, random numbers,
 * and what host calls answer that reach outside the sandbox. All of it goes through here, so that a
 * failed attempt can be run again as it was.
 *
 * <p>Confined to the thread that holds the slot.
 */
public interface HostAnswers {

  /** A sandbox is about to be made: what is asked from now on belongs to its start. */
  void starting();

  /** The sandbox was made, or could not be: its start is over. */
  void started();

  /** An invocation begins: what is asked from now on belongs to it. */
  void running();

  /** Nanoseconds on a clock, which {@link HostClock} has. */
  long nanos(int clock);

  /** Whole milliseconds until the deadline, at least 0. */
  long remainingMillis();

  /**
   * Puts the deadline off to {@code timeout} from now, but not beyond {@code most} after the
   * beginning. Does nothing if it has passed.
   */
  void extend(Duration timeout, Duration most);

  /** Fills an array with random bytes that nobody can foresee. */
  void random(byte[] target);

  /**
   * What another host call answers.
   *
   * @param call its name, the same at each call
   * @param ask asks the world; {@code null} for no answer
   */
  byte @Nullable [] answer(String call, Supplier<byte @Nullable []> ask);
}

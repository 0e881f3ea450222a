package dev.millrace.triggers;

import java.time.Duration;

/**
 * All that an attempt depended on beside its event and its function's configuration: which module
 * ran under which limits, and what it learned from its host. With it the attempt can be run again
 * as it was, on another machine.
 *
 * @param module the SHA-256 of the module, in hex
 * @param limits the limits that were in force
 * @param attempt which attempt it was, 1 for the first try
 * @param earlierEvents events that had run in the same sandbox since it was made, and whose traces
 *     are not recorded; 0 unless the function says {@code instance: reuse}
 * @param start what was asked while the sandbox was made
 * @param run what was asked while the event ran
 */
public record Recording(
    String module, Limits limits, int attempt, int earlierEvents, Tape start, Tape run) {

  /**
   * What one invocation could use.
   *
   * @param timeout from the call to its return
   * @param memoryBytes of linear memory
   * @param inputBytes of event data
   * @param outputBytes of reply and publishes together
   * @param logBytes of log
   */
  public record Limits(
      Duration timeout, long memoryBytes, int inputBytes, int outputBytes, int logBytes) {}

  /**
   * The host's answers in the order in which they were given. One entry is a tag and a value, all
   * numbers of seven bits a byte, lowest first:
   *
   * <pre>
   * 0  realtime clock, nanoseconds      zigzag difference to the one before it, from 0
   * 1  monotonic clock, nanoseconds     the same
   * 2  time left, milliseconds          the same
   * 3  answer of another host call      length and UTF-8 of its name, length + 1 and bytes; 0 for none
   * </pre>
   *
   * @param seed the 32 bytes that all random numbers came from; empty if none were asked for. Byte
   *     {@code i} of the random stream is byte {@code i % 32} of the SHA-256 of the seed and of
   *     {@code i / 32} as eight bytes, big-endian
   * @param entries the entries; neither array is copied
   * @param cut whether there were more answers than are kept
   */
  public record Tape(byte[] seed, byte[] entries, boolean cut) {

    /** Nothing was asked. */
    public static final Tape EMPTY = new Tape(new byte[0], new byte[0], false);
  }
}

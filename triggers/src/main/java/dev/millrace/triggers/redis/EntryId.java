package dev.millrace.triggers.redis;

import dev.millrace.abi.TextParts;
import java.time.Instant;

/**
 * The id of a stream's entry, in the order of the stream.
 *
 * @param millis when the entry was added, unless its producer chose the id
 * @param sequence counts within the millisecond, unsigned
 */
record EntryId(long millis, long sequence) implements Comparable<EntryId> {

  static final EntryId NONE = new EntryId(0, 0);

  /** Reads {@code 1700000000000-0}. */
  static EntryId parse(String text) {
    int dash = text.indexOf('-');
    try {
      if (dash > 0) {
        return new EntryId(
            Long.parseUnsignedLong(text.substring(0, dash)),
            Long.parseUnsignedLong(text.substring(dash + 1)));
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw Replies.unexpected("the id of an entry", text);
  }

  /** The smallest id behind this one. */
  EntryId next() {
    return sequence == -1 ? new EntryId(millis + 1, 0) : new EntryId(millis, sequence + 1);
  }

  Instant time() {
    // A producer may choose any id; what is no time in this era is told as it stands.
    return Instant.ofEpochMilli(millis);
  }

  @Override
  public int compareTo(EntryId other) {
    int byTime = Long.compareUnsigned(millis, other.millis);
    return byTime != 0 ? byTime : Long.compareUnsigned(sequence, other.sequence);
  }

  /** Tells the characters of {@link #toString} in parts. */
  void tell(TextParts parts) {
    tell(parts, millis);
    parts.text("-");
    tell(parts, sequence);
  }

  private static void tell(TextParts parts, long unsigned) {
    if (unsigned >= 0) {
      parts.number(unsigned);
    } else {
      parts.text(Long.toUnsignedString(unsigned));
    }
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(sequence);
  }
}

package dev.millrace.triggers.kafka;

/**
 * Consecutive offsets of one partition.
 *
 * @param first the first offset
 * @param end the offset after the last one
 */
record OffsetRange(long first, long end) {

  OffsetRange {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException("not a range of offsets: " + first + " to " + end);
    }
  }

  long length() {
    return end - first;
  }
}

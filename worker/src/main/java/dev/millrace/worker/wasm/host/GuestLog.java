package dev.millrace.worker.wasm.host;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What one invocation logs, bounded: the first half of the limit and the last half are kept, what
 * lies between is cut off and counted. The end matters most: a panic's message is there.
 *
 * <p>Confined to the thread that runs the guest.
 */
public final class GuestLog {

  private static final byte[] NOTHING = new byte[0];
  private static final int INITIAL = 256;
  private static final int LAST_LINE_CHARS = 500;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private final int headLimit;
  private final int tailLimit;
  private byte[] head = NOTHING;
  private int headSize;
  private byte[] tail = NOTHING;
  private long tailWritten;

  /**
   * @param limitBytes how much is kept in all
   */
  GuestLog(int limitBytes) {
    this.headLimit = limitBytes - limitBytes / 2;
    this.tailLimit = limitBytes / 2;
  }

  /** Adds bytes of lines. */
  public void write(byte[] bytes) {
    int toHead = Math.min(bytes.length, headLimit - headSize);
    if (toHead > 0) {
      head = room(head, headSize + toHead, headLimit);
      System.arraycopy(bytes, 0, head, headSize, toHead);
      headSize += toHead;
    }
    writeTail(bytes, Math.max(toHead, 0));
  }

  /** Adds one line. */
  public void line(String line) {
    write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** How many bytes were cut off. */
  public long cutOff() {
    return Math.max(0, tailWritten - tailLimit);
  }

  /** What was kept; malformed UTF-8 is replaced. */
  public String text() {
    if (headSize == 0 && tailWritten == 0) {
      return "";
    }
    String first = new String(head, 0, headSize, StandardCharsets.UTF_8);
    String last = new String(tailBytes(), StandardCharsets.UTF_8);
    if (cutOff() == 0) {
      return tailWritten == 0 ? first : new String(concatenated(), StandardCharsets.UTF_8);
    }
    return first + "\n[" + cutOff() + " bytes of log cut off by limits.log]\n" + last;
  }

  /** The last line that is not blank, shortened to what a message can carry; empty if none. */
  public String lastLine() {
    if (headSize == 0 && tailWritten == 0) {
      return "";
    }
    String all =
        tailWritten == 0 || cutOff() == 0
            ? text()
            : new String(tailBytes(), StandardCharsets.UTF_8);
    String stripped = all.strip();
    String line = stripped.substring(stripped.lastIndexOf('\n') + 1).strip();
    String printable = CONTROL.matcher(line).replaceAll("\uFFFD");
    return printable.length() <= LAST_LINE_CHARS
        ? printable
        : printable.substring(0, LAST_LINE_CHARS) + "…";
  }

  /** Forgets everything, keeping small buffers. */
  void clear() {
    headSize = 0;
    tailWritten = 0;
    if (head.length > INITIAL * 16) {
      head = NOTHING;
    }
    tail = NOTHING;
  }

  private void writeTail(byte[] bytes, int from) {
    int length = bytes.length - from;
    if (length == 0) {
      return;
    }
    if (tailLimit > 0) {
      int kept = Math.min(length, tailLimit);
      int skipped = length - kept;
      int needed = (int) Math.min(tailLimit, tailWritten + length);
      tail = room(tail, needed, tailLimit);
      // Until the ring is full it has never wrapped, so growing it keeps every byte in place.
      int at = (int) ((tailWritten + skipped) % tailLimit);
      int first = Math.min(kept, tailLimit - at);
      System.arraycopy(bytes, from + skipped, tail, at, first);
      System.arraycopy(bytes, from + skipped + first, tail, 0, kept - first);
    }
    tailWritten += length;
  }

  private byte[] tailBytes() {
    if (tailLimit == 0) {
      return tail;
    }
    if (tailWritten <= tailLimit) {
      return Arrays.copyOf(tail, (int) tailWritten);
    }
    int start = (int) (tailWritten % tailLimit);
    byte[] ordered = new byte[tailLimit];
    System.arraycopy(tail, start, ordered, 0, tailLimit - start);
    System.arraycopy(tail, 0, ordered, tailLimit - start, start);
    return ordered;
  }

  private byte[] concatenated() {
    byte[] all = Arrays.copyOf(head, headSize + (int) tailWritten);
    System.arraycopy(tail, 0, all, headSize, (int) tailWritten);
    return all;
  }

  private static byte[] room(byte[] buffer, int needed, int limit) {
    if (needed <= buffer.length) {
      return buffer;
    }
    long grown = Math.max(Math.max(needed, INITIAL), 2L * buffer.length);
    return Arrays.copyOf(buffer, (int) Math.min(limit, grown));
  }
}

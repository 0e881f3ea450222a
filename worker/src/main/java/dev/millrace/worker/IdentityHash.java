package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.abi.TextParts;

/**
 * 128 bits by two polynomials over a trigger's name and an event's receipt: nobody gains by making
 * two collide. Never all zero. On the hot path, so that it makes no objects; confined to one thread
 * at a time.
 */
final class IdentityHash implements TextParts {

  private static final int LONGEST_NUMBER = 19;

  private final byte[] digits = new byte[LONGEST_NUMBER];
  private long high;
  private long low;

  /** Takes on the identity of an event. */
  void of(String trigger, Event event) {
    long highOfTrigger = 0xCBF29CE484222325L;
    long lowOfTrigger = 0x9E3779B97F4A7C15L;
    for (int i = 0; i < trigger.length(); i++) {
      highOfTrigger = (highOfTrigger ^ trigger.charAt(i)) * 0x100000001B3L;
      lowOfTrigger = lowOfTrigger * 31 + trigger.charAt(i);
    }
    high = highOfTrigger;
    low = lowOfTrigger;
    event.tellReceipt(this);
    if (high == 0) {
      high = 1;
    }
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  @Override
  public void text(String part) {
    for (int i = 0; i < part.length(); i++) {
      add(part.charAt(i));
    }
  }

  @Override
  public void number(long part) {
    int first = LONGEST_NUMBER;
    long left = part;
    do {
      digits[--first] = (byte) ('0' + left % 10);
      left /= 10;
    } while (left != 0);
    for (int i = first; i < LONGEST_NUMBER; i++) {
      add(digits[i]);
    }
  }

  private void add(int character) {
    high = (high ^ character) * 0x100000001B3L;
    low = low * 0xD1342543DE82EF95L + character + 1;
  }
}

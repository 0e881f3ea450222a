package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.abi.TextParts;
import org.jspecify.annotations.Nullable;

/**
 * 128 bits by two polynomials over a trigger's name and an event's receipt: nobody gains by making
 * two collide. Never all zero. On the hot path, so that it makes no objects, and begins where the
 * last receipt began if the strings are the same ones. Confined to one thread at a time.
 */
final class IdentityHash implements TextParts {

  private static final int LONGEST_NUMBER = 19;

  private final byte[] digits = new byte[LONGEST_NUMBER];
  private long high;
  private long low;

  /** The texts that the last identity began with, its trigger first, and what came of each. */
  private final Beginning[] beginnings = {new Beginning(), new Beginning(), new Beginning()};

  /** How many texts of {@link #beginnings} this identity has begun with; past its end, any. */
  private int begun;

  /** Takes on the identity of an event. */
  void of(String trigger, Event event) {
    high = 0xCBF29CE484222325L;
    low = 0x9E3779B97F4A7C15L;
    begun = 0;
    text(trigger);
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
    if (begun >= beginnings.length) {
      addAll(part);
      return;
    }
    Beginning beginning = beginnings[begun++];
    if (!beginning.is(part)) {
      addAll(part);
      beginning.become(part, high, low);
      for (int i = begun; i < beginnings.length; i++) {
        beginnings[i].forget();
      }
    }
    high = beginning.high;
    low = beginning.low;
  }

  @Override
  public void number(long part) {
    begun = beginnings.length;
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

  private void addAll(String part) {
    for (int i = 0; i < part.length(); i++) {
      add(part.charAt(i));
    }
  }

  private void add(int character) {
    high = (high ^ character) * 0x100000001B3L;
    low = low * 0xD1342543DE82EF95L + character + 1;
  }

  /** One text, after those before it. */
  private static final class Beginning {
    private @Nullable String text;
    private long high;
    private long low;

    /** Whether this is the very string: comparing characters would cost what is saved. */
    @SuppressWarnings("ReferenceEquality")
    boolean is(String other) {
      return text == other;
    }

    void become(String of, long highAfter, long lowAfter) {
      text = of;
      high = highAfter;
      low = lowAfter;
    }

    void forget() {
      text = null;
    }
  }
}

package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.abi.TextParts;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * 128 bits by two polynomials over a trigger's name and an event's receipt: nobody gains by making
 * two collide. Never all zero. On the hot path, so that it makes no objects, and goes on from where
 * this receipt begins to differ from the last one, part by part: records of a partition differ in
 * the last digits of a number. Confined to one thread at a time.
 */
final class IdentityHash implements TextParts {

  private static final int LONGEST_NUMBER = 19;

  /** A longer number without these last digits is a part of its own, which seldom changes. */
  private static final int LAST_DIGITS = 3;

  private static final int LAST = 1000;

  private final byte[] digits = new byte[LONGEST_NUMBER];
  private long high;
  private long low;

  /** The parts that the last identity began with, its trigger first, and what came of each. */
  private final Beginning[] beginnings = new Beginning[7];

  /** How many of {@link #beginnings} this identity has begun with; past its end, any. */
  private int begun;

  IdentityHash() {
    Arrays.setAll(beginnings, i -> new Beginning());
  }

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
    if (!beginsWith(part, 0)) {
      addAll(part);
      begin(part, 0);
    }
  }

  @Override
  public void number(long part) {
    long leading = part < LAST ? part : part / LAST;
    if (!beginsWith(null, leading)) {
      addAll(leading, 1);
      begin(null, leading);
    }
    if (part >= LAST) {
      begun = beginnings.length;
      addAll(part % LAST, LAST_DIGITS);
    }
  }

  /** Goes on from where the last identity was after this part, if it had the same one here. */
  private boolean beginsWith(@Nullable String text, long number) {
    if (begun == beginnings.length || !beginnings[begun].is(text, number)) {
      return false;
    }
    high = beginnings[begun].high;
    low = beginnings[begun].low;
    begun++;
    return true;
  }

  /** Notes what came of a part that the last identity did not have here. */
  private void begin(@Nullable String text, long number) {
    if (begun == beginnings.length) {
      return;
    }
    beginnings[begun++].become(text, number, high, low);
    for (int i = begun; i < beginnings.length; i++) {
      beginnings[i].forget();
    }
  }

  private void addAll(String part) {
    for (int i = 0; i < part.length(); i++) {
      add(part.charAt(i));
    }
  }

  /** Adds a number's digits, with zeros before them where they are fewer than {@code least}. */
  private void addAll(long number, int least) {
    int first = LONGEST_NUMBER;
    long left = number;
    while (left != 0 || LONGEST_NUMBER - first < least) {
      digits[--first] = (byte) ('0' + left % 10);
      left /= 10;
    }
    for (int i = first; i < LONGEST_NUMBER; i++) {
      add(digits[i]);
    }
  }

  private void add(int character) {
    high = (high ^ character) * 0x100000001B3L;
    low = low * 0xD1342543DE82EF95L + character + 1;
  }

  /** One part, a text or a number, after those before it. */
  private static final class Beginning {
    private boolean known;
    private @Nullable String text;
    private long number;
    private long high;
    private long low;

    /** Whether this is the very part: comparing characters would cost what is saved. */
    @SuppressWarnings("ReferenceEquality")
    boolean is(@Nullable String otherText, long otherNumber) {
      return known && text == otherText && number == otherNumber;
    }

    void become(@Nullable String newText, long newNumber, long highAfter, long lowAfter) {
      known = true;
      text = newText;
      number = newNumber;
      high = highAfter;
      low = lowAfter;
    }

    void forget() {
      known = false;
    }
  }
}

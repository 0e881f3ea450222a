package dev.millrace.triggers.cron;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One field of a cron expression: what it is called and which values it takes. */
enum CronField {
  SECOND("second", 0, 59, List.of(), 0),
  MINUTE("minute", 0, 59, List.of(), 0),
  HOUR("hour", 0, 23, List.of(), 0),
  DAY_OF_MONTH("day of month", 1, 31, List.of(), 0),
  MONTH(
      "month",
      1,
      12,
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
      1),
  /** Sunday is 0 and 7. */
  UNIX_DAY_OF_WEEK(
      "day of week", 0, 7, List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 0),
  /** Sunday is 1. */
  QUARTZ_DAY_OF_WEEK(
      "day of week", 1, 7, List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1),
  YEAR("year", 1970, 2099, List.of(), 0);

  private static final Pattern ITEM =
      Pattern.compile("(?<from>\\*|\\w+)(-(?<to>\\w+))?(/(?<step>\\w+))?");

  /**
   * One entry of a field's list: {@code *}, {@code 5}, {@code 1-5}, each with or without a step.
   *
   * @param from the first value
   * @param to the last value
   * @param step 1 or more
   * @param any whether it was written with {@code *}
   * @param openStep whether it was written {@code from/step}, without an end
   */
  record Item(int from, int to, int step, boolean any, boolean openStep) {}

  private final String label;
  private final int min;
  private final int max;

  /** Three-letter names of values, upper case, the first one standing for {@code firstName}. */
  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> names;

  private final int firstName;

  CronField(String label, int min, int max, List<String> names, int firstName) {
    this.label = label;
    this.min = min;
    this.max = max;
    this.names = names;
    this.firstName = firstName;
  }

  /** As messages write it. */
  String label() {
    return label;
  }

  int min() {
    return min;
  }

  int max() {
    return max;
  }

  boolean isName(String text) {
    return names.contains(text.toUpperCase(Locale.ROOT));
  }

  /** The entries of a comma-separated list. */
  static List<String> split(String text) {
    return List.of(text.split(",", -1));
  }

  /** Reads one entry; throws {@link IllegalArgumentException} with a sentence. */
  Item item(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(label + " has an empty entry; remove the extra comma");
    }
    Matcher matcher = ITEM.matcher(text);
    if (!matcher.matches()) {
      throw refuse(text);
    }
    boolean any = matcher.group("from").equals("*");
    boolean range = matcher.group("to") != null;
    boolean stepped = matcher.group("step") != null;
    if (any && range) {
      throw refuse(text);
    }
    int from = any ? min : value(matcher.group("from"));
    int to = any ? max : range ? value(matcher.group("to")) : stepped ? max : from;
    int step = stepped ? step(matcher.group("step"), text) : 1;
    return new Item(from, to, step, any, stepped && !any && !range);
  }

  /** Reads one value, a number or a name; throws {@link IllegalArgumentException}. */
  int value(String text) {
    int named = names.indexOf(text.toUpperCase(Locale.ROOT));
    if (named >= 0) {
      return firstName + named;
    }
    int number = number(text);
    if (number < min || number > max) {
      throw refuse(text);
    }
    return number;
  }

  private int step(String text, String item) {
    int step = number(text);
    if (step < 1 || step > max) {
      throw new IllegalArgumentException(
          "%s '%s': a step is a number from 1 to %d".formatted(label, item, max));
    }
    return step;
  }

  /** The number that a text of at most four digits stands for, -1 for anything else. */
  private static int number(String text) {
    return text.length() <= 4 && text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Integer.parseInt(text)
        : -1;
  }

  IllegalArgumentException refuse(String text) {
    return new IllegalArgumentException(
        "%s '%s' is not allowed; allowed are %s".formatted(label, text, allowed()));
  }

  /** What the field takes, for messages. */
  private String allowed() {
    List<String> parts = new ArrayList<>();
    parts.add("numbers from %d to %d".formatted(min, max));
    if (!names.isEmpty()) {
      parts.add("names from %s to %s".formatted(names.getFirst(), names.getLast()));
    }
    parts.add("*");
    parts.add("ranges (a-b), lists (a,b) and steps (*/n)");
    return String.join(", ", parts);
  }
}

package dev.millrace.worker.manifest;

import java.util.regex.Pattern;

/**
 * Redis's glob patterns as regular expressions: {@code *}, {@code ?}, {@code [abc]}, {@code [^a]},
 * {@code [a-z]} and {@code \} before a character that stands for itself.
 *
 * @see <a href="https://redis.io/docs/latest/commands/psubscribe/">PSUBSCRIBE</a>
 */
final class RedisGlob {

  private RedisGlob() {}

  static Pattern compile(String glob) {
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        case '[' -> i = set(glob, i, regex);
        case '\\' -> {
          i = Math.min(i + 1, glob.length() - 1);
          regex.append(literal(glob.charAt(i)));
        }
        default -> regex.append(literal(c));
      }
      i++;
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  /** Appends the set that begins at {@code start}; answers the index of its last character. */
  private static int set(String glob, int start, StringBuilder regex) {
    int i = start + 1;
    boolean negated = i < glob.length() && glob.charAt(i) == '^';
    if (negated) {
      i++;
    }
    StringBuilder members = new StringBuilder();
    while (i < glob.length() && glob.charAt(i) != ']') {
      if (glob.charAt(i) == '\\' && i + 1 < glob.length()) {
        i++;
      }
      boolean range = i + 2 < glob.length() && glob.charAt(i + 1) == '-';
      char from = glob.charAt(i);
      char to = range ? glob.charAt(i + 2) : from;
      members.append(literal((char) Math.min(from, to)));
      members.append('-').append(literal((char) Math.max(from, to)));
      i += range ? 3 : 1;
    }
    if (members.isEmpty()) {
      regex.append(negated ? "." : "(?!)");
    } else {
      regex.append(negated ? "[^" : "[").append(members).append(']');
    }
    return i;
  }

  private static String literal(char c) {
    return Character.isLetterOrDigit(c) ? String.valueOf(c) : String.format("\\u%04X", (int) c);
  }
}

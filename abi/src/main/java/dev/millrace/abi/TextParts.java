package dev.millrace.abi;

/** Takes a text in parts. For one thread. */
public interface TextParts {

  /** The next characters. */
  void text(String part);

  /** The next characters are the decimal digits of a number that is not negative. */
  void number(long part);
}

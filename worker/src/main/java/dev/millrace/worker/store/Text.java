package dev.millrace.worker.store;

/** Text as both databases keep it. */
final class Text {

  private Text() {}

  /**
   * The same without U+0000, which PostgreSQL's text cannot hold: a guest's error or log, or an id
   * from elsewhere, may have one. It becomes U+2400, the symbol that stands for it.
   */
  static String of(String text) {
    return text.indexOf(0) < 0 ? text : text.replace('\0', '\u2400');
  }
}

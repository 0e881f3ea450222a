package dev.millrace.worker.cli;

import tools.jackson.databind.json.JsonMapper;

/** Texts of a command line, as values of a manifest. */
final class PlainText {

  private PlainText() {}

  /** The text in YAML, in quotes where it could be taken for something else. */
  static String yaml(String text) {
    boolean plain =
        text.matches("[A-Za-z][A-Za-z0-9_./-]*")
            && !text.matches("(?i)true|false|null|yes|no|on|off|y|n");
    return plain ? text : JsonMapper.shared().writeValueAsString(text);
  }
}

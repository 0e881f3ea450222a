package dev.millrace.triggers;

import dev.millrace.abi.Event;
import dev.millrace.abi.TextParts;

/** What an event tells of its receipt, as a text. */
public final class Told {

  private Told() {}

  public static String by(Event event) {
    StringBuilder told = new StringBuilder();
    event.tellReceipt(
        new TextParts() {
          @Override
          public void text(String part) {
            told.append(part);
          }

          @Override
          public void number(long part) {
            told.append(part);
          }
        });
    return told.toString();
  }
}

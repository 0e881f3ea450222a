package dev.millrace.worker.scaffold;

import java.util.Locale;

/** What a template's function runs on. */
public enum Source {
  KAFKA("records of a Kafka topic"),
  REDIS("messages of a Redis channel"),
  STREAMS("entries of a Redis stream"),
  LIST("elements of a Redis list"),
  CRON("a schedule");

  private final String title;

  Source(String title) {
    this.title = title;
  }

  /** Its part of a template's name. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  String title() {
    return title;
  }

  /** Where a function on it may publish to, in the manifest that begins with it. */
  public String destination() {
    return switch (this) {
      case KAFKA -> "events/greetings";
      case REDIS -> "cache/channel:greetings";
      default -> "cache/stream:greetings";
    };
  }
}

package dev.millrace.worker.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened in one run, as far as it can be seen from outside the worker: effects in the order
 * in which the output shows them, and the moments at which the worker was killed. Written to a
 * file, one entry a line, so that a failure can be read afterwards.
 */
final class History {

  /** One line of a history. */
  sealed interface Entry {}

  /**
   * The function ran on an event, and what it published was confirmed.
   *
   * @param key the event's key, within which order is kept
   * @param number the event's number; rising within a key
   * @param atMillis when the broker took it
   */
  record Effect(String key, int number, long atMillis) implements Entry {}

  /** The worker was killed. */
  record Kill(long atMillis) implements Entry {}

  private final List<Entry> entries = new ArrayList<>();

  void add(Entry entry) {
    entries.add(entry);
  }

  List<Effect> effects() {
    List<Effect> effects = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof Effect effect) {
        effects.add(effect);
      }
    }
    return effects;
  }

  List<Kill> kills() {
    List<Kill> kills = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof Kill kill) {
        kills.add(kill);
      }
    }
    return kills;
  }

  /** Writes the history where the build keeps its results. */
  void write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, entries.stream().map(Object::toString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

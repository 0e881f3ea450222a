package dev.millrace.worker.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What happened in one run, as far as it can be seen from outside the worker. Written to a file,
 * one entry a line, so that a failure can be read afterwards.
 *
 * <p>Times are milliseconds of this machine's clock, which worker, broker and test share. Safe for
 * any thread.
 */
final class History {

  /** One line of a history. */
  sealed interface Entry {}

  /** What must become of an event in the end, whatever happens meanwhile. */
  enum Expected {
    /** Its function succeeds, perhaps after retries. */
    EFFECT,
    /** It fails for good. */
    LETTER
  }

  /**
   * The broker confirmed an event: from now on it may not be lost.
   *
   * @param key within which order is kept
   * @param number the event's number; rising within a key
   * @param data its bytes, in hexadecimal digits
   */
  record Sent(String key, int number, int partition, long offset, Expected expected, String data)
      implements Entry {}

  /**
   * The function ran on an event, and what it published was confirmed.
   *
   * @param key the event's key
   * @param number the event's number
   * @param atMillis when the worker sent it
   */
  record Effect(String key, int number, long atMillis) implements Entry {}

  /**
   * A dead letter was stored.
   *
   * @param id its id, the same if it is stored twice
   * @param failure why the last attempt failed
   * @param data the bytes it carries, in hexadecimal digits
   * @param atMillis when the worker sent it
   */
  record Letter(String id, String key, int number, String failure, String data, long atMillis)
      implements Entry {}

  /** The committed offset of a partition, as the broker told it. */
  record Commit(int partition, long offset, long atMillis) implements Entry {}

  /**
   * Something that lets events run again.
   *
   * @param what for the reader
   * @param fromMillis when it began
   * @param untilMillis when the worker was seen to go on; the same as the beginning for a kill
   */
  record Disturbance(String what, long fromMillis, long untilMillis) implements Entry {}

  /** The conservation account of a worker's trigger, as one scrape shows it. */
  record Account(
      String worker,
      long received,
      long succeeded,
      long deadLettered,
      long dropped,
      long released,
      long pending)
      implements Entry {}

  /** A worker that was asked to end did so. */
  record Exit(String worker, int code) implements Entry {}

  private final List<Entry> entries = new ArrayList<>();
  private final BitSet concluded = new BitSet();
  private int sent;
  private long latestConclusion;

  synchronized void add(Entry entry) {
    entries.add(entry);
    switch (entry) {
      case Sent acknowledged -> sent++;
      case Effect effect -> conclude(effect.number(), effect.atMillis());
      case Letter letter -> conclude(letter.number(), letter.atMillis());
      case Commit commit -> {}
      case Disturbance disturbance -> {}
      case Account account -> {}
      case Exit exit -> {}
    }
  }

  private void conclude(int number, long atMillis) {
    concluded.set(number);
    latestConclusion = Math.max(latestConclusion, atMillis);
  }

  /** All entries of a kind, in order. */
  synchronized <T extends Entry> List<T> all(Class<T> kind) {
    return entries.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** How many events the broker has confirmed. */
  synchronized int sent() {
    return sent;
  }

  /** How many different events have an effect or a dead letter. */
  synchronized int concluded() {
    return concluded.cardinality();
  }

  /** When the worker sent the latest effect or dead letter. */
  synchronized long latestConclusion() {
    return latestConclusion;
  }

  /** Writes the history where the build keeps its results. */
  synchronized void write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, entries.stream().map(Object::toString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

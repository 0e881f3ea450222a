package dev.millrace.worker.store;

import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.FailureKind;
import java.util.List;
import java.util.Optional;

/**
 * The latest failed attempts of all triggers, a bounded number. For people who look for a cause:
 * writing it is never worth holding up an event, so attempts are dropped when the store is busy.
 */
public interface AttemptHistory {

  /**
   * One failed attempt. Its times are kept to the microsecond.
   *
   * @param trigger the trigger that received the event
   * @param function the function that was called
   * @param eventId the event's id
   * @param attempt how it went
   */
  record Entry(String trigger, String function, String eventId, Attempt attempt) {}

  /** Which attempts; what is empty does not matter. */
  record Filter(
      Optional<String> trigger,
      Optional<String> function,
      Optional<String> eventId,
      Optional<FailureKind> failure) {

    /** All of them. */
    public static final Filter ALL =
        new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Those at one event. */
    public static Filter ofEvent(String trigger, String eventId) {
      return new Filter(
          Optional.of(trigger), Optional.empty(), Optional.of(eventId), Optional.empty());
    }
  }

  /** Notes an attempt, or drops it and counts the drop. Neither blocks nor throws. */
  void record(Entry entry);

  /** The latest first. Blocks. */
  List<Entry> recent(Filter filter, int limit);
}

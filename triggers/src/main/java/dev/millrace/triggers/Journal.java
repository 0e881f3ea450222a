package dev.millrace.triggers;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Keeps received events of sources that keep none themselves, until they are settled. Safe for any
 * thread.
 */
public interface Journal {

  /**
   * One kept event.
   *
   * @param sequence its place in the order of receipt, rising within a trigger
   * @param event the event
   */
  record Entry(long sequence, DetachedEvent event) {}

  /** Keeps an event; completes with its sequence once it survives a crash. Does not block. */
  default CompletionStage<Long> append(String trigger, Event event) {
    return append(trigger, List.of(event));
  }

  /**
   * Keeps many events as one, all or none, which costs far less than one at a time. Completes with
   * the sequence of the first; those of the others follow it without a gap. Does not block. The
   * list is not kept.
   */
  CompletionStage<Long> append(String trigger, List<? extends Event> events);

  /**
   * Forgets an event after its settlement. Does not block; a crash before the stage completes may
   * bring it back.
   */
  default CompletionStage<Void> remove(String trigger, long sequence) {
    return remove(trigger, List.of(sequence));
  }

  /** Forgets many events as one, which costs hardly more than one. The list is not kept. */
  CompletionStage<Void> remove(String trigger, List<Long> sequences);

  /**
   * Makes the events of workers that are gone this worker's own. Each gets a sequence that is later
   * than any that this worker has read or appended, and is read from then on. Blocks.
   *
   * <p>Where one worker has the journal to itself there are none, which is the default.
   *
   * @return the new sequences
   */
  default List<Long> takeOver(String trigger) {
    return List.of();
  }

  /** Reads kept events in the order of receipt. Blocks. */
  List<Entry> read(String trigger, long afterSequence, int limit);
}

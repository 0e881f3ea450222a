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
  CompletionStage<Long> append(String trigger, Event event);

  /**
   * Forgets an event after its settlement. Does not block; a crash before the stage completes may
   * bring it back.
   */
  CompletionStage<Void> remove(String trigger, long sequence);

  /** Reads kept events in the order of receipt. Blocks. */
  List<Entry> read(String trigger, long afterSequence, int limit);
}

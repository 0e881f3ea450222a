package dev.millrace.worker.store;

import dev.millrace.abi.DetachedEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Keys that are parked behind a dead letter, each with the queue of its later events. Their sources
 * have been told that they may forget them: the store is the only place where they are.
 *
 * <p>How it is used: when the dead letter is stored, {@link #park}; each later event of the key is
 * {@linkplain #appendIfParked appended}. When the letter has left the store, be it replayed or
 * discarded, the key is {@linkplain #freed free}. One worker {@linkplain #claim takes} it: its
 * {@linkplain #oldest oldest} events run in order and are {@linkplain #remove removed} one after
 * another, and {@link #unparkIfEmpty} ends the parking. A key that was taken stays with its worker
 * until the parking ends or the worker is gone.
 *
 * <p>All workers on the store may do all of this at once. An event is appended to the queue of a
 * key whose parking does not end before, or it is not appended.
 */
public interface KeyQueues {

  /**
   * A parked key.
   *
   * @param trigger the trigger whose key it is
   * @param lane the key, as its trigger names it
   * @param letterId the dead letter that it waits for
   * @param parkedAt since when
   * @param queued how many events wait in its queue
   */
  record ParkedKey(String trigger, String lane, String letterId, Instant parkedAt, long queued) {}

  /**
   * An event in a queue. Times are kept to the microsecond.
   *
   * @param sequence its place, ascending
   * @param event the event
   * @param receivedAt when the worker first received it
   */
  record Queued(long sequence, DetachedEvent event, Instant receivedAt) {}

  /** Parks a key behind a dead letter, or behind another one than before. Does not block. */
  CompletionStage<Void> park(String trigger, String lane, String letterId, Instant now);

  /**
   * Appends an event to the queue of its key if that is parked, unless one with its receipt is in
   * it. Completes with whether the key is parked. Does not block.
   */
  CompletionStage<Boolean> appendIfParked(
      String trigger, String lane, DetachedEvent event, Instant receivedAt);

  /**
   * Takes a key to drain it, unless its dead letter is in the store, or another worker has it that
   * is there. Completes with whether the key is this worker's. Does not block.
   */
  CompletionStage<Boolean> claim(String trigger, String lane);

  /**
   * Completes with whether the key is this worker's and the event is in its queue: if not, another
   * worker has taken the key over, because this one gave no sign of life. Does not block.
   */
  CompletionStage<Boolean> holds(String trigger, String lane, long sequence);

  /** Takes an event out. Completes with whether it was there. Does not block. */
  CompletionStage<Boolean> remove(long sequence);

  /**
   * Ends the parking of a key whose queue is empty and whose dead letter has left. Completes with
   * whether this ended it. Does not block.
   */
  CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane);

  /** The parked keys of a trigger, each with the dead letter that it waits for. Blocks. */
  Map<String, String> parked(String trigger);

  /** The longest parked keys first. Blocks. */
  List<ParkedKey> list(int limit);

  /** How many keys of each trigger are parked. Blocks. */
  Map<String, Long> countByTrigger();

  /**
   * Parked keys whose dead letter is no longer in the store and that no other worker has, the
   * longest parked first. Blocks.
   */
  List<ParkedKey> freed(int limit);

  /** The first events of a key's queue, in order. Blocks. */
  List<Queued> oldest(String trigger, String lane, int limit);
}

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
 * {@linkplain #append appended}. When the letter has left the store, be it replayed or discarded,
 * the key is {@linkplain #freed free}: its {@linkplain #oldest oldest} events run in order and are
 * {@linkplain #remove removed} one after another, and {@link #unparkIfEmpty} ends the parking.
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

  /** Appends an event, unless one with its receipt is in the queue. Does not block. */
  CompletionStage<Void> append(
      String trigger, String lane, DetachedEvent event, Instant receivedAt);

  /** Takes an event out. Completes with whether it was there. Does not block. */
  CompletionStage<Boolean> remove(long sequence);

  /**
   * Ends the parking of a key whose queue is empty. Completes with whether it is not parked any
   * more. Does not block.
   */
  CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane);

  /** The parked keys of a trigger, each with the dead letter that it waits for. Blocks. */
  Map<String, String> parked(String trigger);

  /** The longest parked keys first. Blocks. */
  List<ParkedKey> list(int limit);

  /** Parked keys whose dead letter is no longer in the store, the longest parked first. Blocks. */
  List<ParkedKey> freed(int limit);

  /** The first events of a key's queue, in order. Blocks. */
  List<Queued> oldest(String trigger, String lane, int limit);
}

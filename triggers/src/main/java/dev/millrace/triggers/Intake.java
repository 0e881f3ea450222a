package dev.millrace.triggers;

import dev.millrace.abi.Event;
import org.jspecify.annotations.Nullable;

/**
 * Where one trigger hands over its events. Safe to call from any thread; never blocks.
 *
 * <p>The worker guarantees, for each accepted event:
 *
 * <ul>
 *   <li>the listener is called exactly once, possibly before {@code offer} returns, and on any
 *       thread;
 *   <li>the room the event took is free again before the listener is called;
 *   <li>events of equal lanes run one at a time, in the order in which they were offered, retries
 *       included.
 * </ul>
 */
public interface Intake {

  /**
   * Hands over an event if there is room for it, in events and in bytes. An intake that holds
   * nothing takes one event of any size, so that no event is too large to ever be taken.
   *
   * @param event the event
   * @param lane events with an equal lane keep their order; {@code null} for no order. Needs {@code
   *     equals}, {@code hashCode}, and a {@code toString} that names it among the trigger's lanes,
   *     the same after a restart: events may have to wait under that name in the store.
   * @param listener learns the settlement; must only hand it over to the trigger's own thread
   * @return false when there is no room: nothing happened, offer the event again later
   */
  boolean offer(Event event, @Nullable Object lane, SettlementListener listener);

  /**
   * How many more events would be taken now; 0 when full, when a dead letter is held, or when
   * draining.
   */
  int room();
}

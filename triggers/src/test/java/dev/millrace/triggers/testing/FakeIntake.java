package dev.millrace.triggers.testing;

import static org.awaitility.Awaitility.await;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An intake that keeps what it is offered, and settles it when the test says so or by a rule.
 *
 * <p>It keeps the promises of {@link Intake}: an event is settled once, and its room is free before
 * the listener is called. Safe for any thread. It does not order lanes, it records them.
 */
public final class FakeIntake implements Intake {

  /** How long the awaiting methods wait before they fail. */
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<Offered> accepted = new ArrayList<>();
  private final List<Offered> held = new ArrayList<>();
  private int capacity;
  private int refusals;
  private @Nullable Function<Event, Settlement> rule;
  private @Nullable Function<Event, List<Message>> publishes;

  private FakeIntake(int capacity) {
    this.capacity = capacity;
  }

  /** An intake with room for any number of events, which holds them until they are settled. */
  public static FakeIntake unbounded() {
    return new FakeIntake(Integer.MAX_VALUE);
  }

  /** An intake that holds at most so many unsettled events. */
  public static FakeIntake ofCapacity(int capacity) {
    return new FakeIntake(capacity);
  }

  /** One accepted event. */
  public final class Offered {
    private final Event event;
    private final @Nullable Object lane;
    private final SettlementListener listener;

    private Offered(Event event, @Nullable Object lane, SettlementListener listener) {
      this.event = event;
      this.lane = lane;
      this.listener = listener;
    }

    public Event event() {
      return event;
    }

    public @Nullable Object lane() {
      return lane;
    }

    /**
     * Settles the event on the calling thread. Results that the source refuses make a dead letter
     * of an event that was done.
     */
    public void settle(Settlement settlement) {
      Function<Event, List<Message>> results;
      synchronized (FakeIntake.this) {
        results = publishes;
        if (!held.remove(this)) {
          throw new IllegalStateException(event.id() + " is settled already");
        }
      }
      if (settlement == Settlement.DONE && results != null && isRefused(results.apply(event))) {
        listener.settled(event, Settlement.DEAD_LETTERED);
      } else {
        listener.settled(event, settlement);
      }
    }

    private boolean isRefused(List<Message> results) {
      return listener
          .results()
          .orElseThrow(() -> new IllegalStateException("the source takes no results"))
          .publish(results)
          .toCompletableFuture()
          .isCompletedExceptionally();
    }

    @Override
    public String toString() {
      return event.id();
    }
  }

  @Override
  public boolean offer(Event event, @Nullable Object lane, SettlementListener listener) {
    Offered offered = new Offered(event, lane, listener);
    Function<Event, Settlement> settleBy;
    synchronized (this) {
      if (held.size() >= capacity) {
        refusals++;
        return false;
      }
      accepted.add(offered);
      held.add(offered);
      settleBy = rule;
    }
    if (settleBy != null) {
      offered.settle(settleBy.apply(event));
    }
    return true;
  }

  @Override
  public synchronized int room() {
    return Math.max(0, capacity - held.size());
  }

  /** Changes how many unsettled events are held at most; those held already stay. */
  public synchronized void setCapacity(int events) {
    capacity = events;
  }

  /** From now on settles each event within {@code offer}, and not those held already. */
  public synchronized FakeIntake settlingBy(Function<Event, Settlement> newRule) {
    rule = newRule;
    return this;
  }

  /** From now on settles each event as {@link Settlement#DONE} within {@code offer}. */
  public FakeIntake settlingAll() {
    return settlingBy(event -> Settlement.DONE);
  }

  /** From now on hands an event's results to its source before it is settled as done. */
  public synchronized FakeIntake publishing(Function<Event, List<Message>> results) {
    publishes = results;
    return this;
  }

  /** From now on holds events until the test settles them. */
  public synchronized void holding() {
    rule = null;
  }

  /** Every accepted event, in the order of acceptance. */
  public synchronized List<Offered> accepted() {
    return List.copyOf(accepted);
  }

  /** The events of {@link #accepted}. */
  public List<Event> events() {
    return accepted().stream().map(Offered::event).toList();
  }

  /** The ids of {@link #accepted}. */
  public List<String> ids() {
    return accepted().stream().map(offered -> offered.event().id()).toList();
  }

  /** The unsettled events, in the order of acceptance. */
  public synchronized List<Offered> held() {
    return List.copyOf(held);
  }

  /** How often an event was refused for want of room. */
  public synchronized int refusals() {
    return refusals;
  }

  /** Settles every held event on the calling thread. */
  public void settleHeld(Settlement settlement) {
    settleHeld(event -> true, settlement);
  }

  /** Settles the held events that match, on the calling thread. */
  public void settleHeld(Predicate<Event> which, Settlement settlement) {
    for (Offered offered : held()) {
      if (which.test(offered.event())) {
        offered.settle(settlement);
      }
    }
  }

  /** Waits until at least so many events were accepted, and returns all of them. */
  public List<Offered> awaitAccepted(int count) {
    await("accepted events").atMost(PATIENCE).until(() -> accepted().size() >= count);
    return accepted();
  }
}

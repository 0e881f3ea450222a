package dev.millrace.triggers.testing;

import dev.millrace.triggers.cron.FireLedger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A fire ledger that keeps its rows in memory: one view for each replica, each of which can be made
 * to fail. Answers are complete when a method returns. Safe for any thread.
 */
public final class InMemoryFireLedger implements FireLedger {

  /** How a view answers. */
  public enum Health {
    GOOD,
    /** Does nothing and says that it failed. */
    AWAY,
    /** Records what it is told, and says that it failed. */
    ANSWERS_LOST
  }

  private record Row(State state, String owner) {}

  private static final class Rows {
    private final Map<String, NavigableMap<Instant, Row>> byTrigger = new TreeMap<>();
    private final Set<String> gone = new HashSet<>();
    private int doubleClaims;

    private NavigableMap<Instant, Row> of(String trigger) {
      return byTrigger.computeIfAbsent(trigger, name -> new TreeMap<>());
    }
  }

  private final Rows rows;
  private final String owner;
  private volatile Health health = Health.GOOD;

  private InMemoryFireLedger(Rows rows, String owner) {
    this.rows = rows;
    this.owner = owner;
  }

  /** An empty ledger, as its first replica sees it. */
  public static InMemoryFireLedger create() {
    return new InMemoryFireLedger(new Rows(), "first");
  }

  /** The same rows, as another replica sees them. */
  public InMemoryFireLedger replica(String name) {
    return new InMemoryFireLedger(rows, name);
  }

  /** From now on the other replicas take over the open grid times of this one. */
  public void gone() {
    synchronized (rows) {
      rows.gone.add(owner);
    }
  }

  /** Changes how this view answers. */
  public void health(Health newHealth) {
    health = newHealth;
  }

  /** What is recorded of a trigger, oldest first. */
  public Map<Instant, State> recorded(String trigger) {
    synchronized (rows) {
      Map<Instant, State> states = new TreeMap<>();
      rows.of(trigger).forEach((time, row) -> states.put(time, row.state()));
      return states;
    }
  }

  /** The grid times recorded in one state, oldest first. */
  public List<Instant> recorded(String trigger, State state) {
    return recorded(trigger).entrySet().stream()
        .filter(entry -> entry.getValue() == state)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** How many claims were refused because the grid time was recorded already. */
  public int refusedClaims() {
    synchronized (rows) {
      return rows.doubleClaims;
    }
  }

  @Override
  public CompletionStage<Boolean> claim(String trigger, Instant gridTime, State state) {
    if (health == Health.AWAY) {
      return CompletableFuture.failedStage(away());
    }
    boolean won;
    synchronized (rows) {
      won = rows.of(trigger).putIfAbsent(gridTime, new Row(state, owner)) == null;
      rows.doubleClaims += won ? 0 : 1;
    }
    return answer(won);
  }

  @Override
  public CompletionStage<Void> settle(String trigger, Instant gridTime) {
    if (health == Health.AWAY) {
      return CompletableFuture.failedStage(away());
    }
    synchronized (rows) {
      rows.of(trigger)
          .computeIfPresent(gridTime, (time, row) -> new Row(State.SETTLED, row.owner()));
    }
    return answer(null);
  }

  @Override
  public Optional<Instant> latest(String trigger) {
    requireGood();
    synchronized (rows) {
      return rows.of(trigger).isEmpty()
          ? Optional.empty()
          : Optional.of(rows.of(trigger).lastKey());
    }
  }

  @Override
  public List<Instant> open(String trigger) {
    requireGood();
    return recorded(trigger, State.OPEN);
  }

  @Override
  public List<Instant> takeOver(String trigger) {
    requireGood();
    List<Instant> ours = new ArrayList<>();
    synchronized (rows) {
      rows.of(trigger)
          .replaceAll(
              (time, row) ->
                  row.state() == State.OPEN && rows.gone.contains(row.owner())
                      ? new Row(State.OPEN, owner)
                      : row);
      rows.of(trigger)
          .forEach(
              (time, row) -> {
                if (row.state() == State.OPEN && row.owner().equals(owner)) {
                  ours.add(time);
                }
              });
    }
    return ours;
  }

  private <T extends @Nullable Object> CompletionStage<T> answer(T value) {
    return health == Health.GOOD
        ? CompletableFuture.completedStage(value)
        : CompletableFuture.failedStage(away());
  }

  private void requireGood() {
    if (health != Health.GOOD) {
      throw away();
    }
  }

  private static IllegalStateException away() {
    return new IllegalStateException("the store does not answer");
  }
}

package dev.millrace.triggers.testing;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
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

  private record Row(State state, String owner, Fire.Kind kind) {
    Row with(State other) {
      return new Row(other, owner, kind);
    }

    Row ownedBy(String other) {
      return new Row(state, other, kind);
    }
  }

  private static final class Rows {
    private final Map<String, NavigableMap<Instant, Row>> byTrigger = new TreeMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> paused = new HashSet<>();
    private final Map<String, List<Runnable>> watches = new HashMap<>();
    private int doubleClaims;

    private NavigableMap<Instant, Row> of(String trigger) {
      return byTrigger.computeIfAbsent(trigger, name -> new TreeMap<>());
    }
  }

  private final Rows rows;
  private final String owner;
  private volatile Health health = Health.GOOD;
  private volatile boolean exclusive;
  private volatile int looksForOpen;

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
    List<String> triggers;
    synchronized (rows) {
      rows.gone.add(owner);
      triggers = List.copyOf(rows.byTrigger.keySet());
    }
    triggers.forEach(this::tell);
  }

  /** From now on this view says that nobody else uses the ledger; that has to be so. */
  public InMemoryFireLedger alone() {
    exclusive = true;
    return this;
  }

  /** How often it was asked what is open. By one thread. */
  public int looksForOpen() {
    return looksForOpen;
  }

  @Override
  public boolean exclusive() {
    return exclusive;
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
      won =
          rows.of(trigger).putIfAbsent(gridTime, new Row(state, owner, Fire.Kind.SCHEDULED))
              == null;
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
      rows.of(trigger).computeIfPresent(gridTime, (time, row) -> row.with(State.SETTLED));
    }
    return answer(null);
  }

  @Override
  public Optional<Instant> latest(String trigger) {
    requireGood();
    synchronized (rows) {
      return rows.of(trigger).entrySet().stream()
          .filter(entry -> entry.getValue().kind() == Fire.Kind.SCHEDULED)
          .map(Map.Entry::getKey)
          .max(Instant::compareTo);
    }
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
  public List<Fire> open(String trigger) {
    looksForOpen++;
    requireGood();
    synchronized (rows) {
      return fires(trigger, row -> row.state() == State.OPEN);
    }
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
  public List<Fire> takeOver(String trigger) {
    looksForOpen++;
    requireGood();
    synchronized (rows) {
      rows.of(trigger)
          .replaceAll(
              (time, row) ->
                  row.state() == State.OPEN && rows.gone.contains(row.owner())
                      ? row.ownedBy(owner)
                      : row);
      return fires(trigger, row -> row.state() == State.OPEN && row.owner().equals(owner));
    }
  }

  @Override
  public List<Fire> takeRequests(String trigger, int limit) {
    if (health == Health.AWAY) {
      throw away();
    }
    List<Fire> taken;
    synchronized (rows) {
      taken =
          fires(trigger, row -> row.state() == State.REQUESTED).stream()
              .sorted(Comparator.comparing(fire -> fire.kind() != Fire.Kind.MANUAL))
              .limit(limit)
              .toList();
      taken.forEach(
          fire ->
              rows.of(trigger)
                  .compute(fire.time(), (time, row) -> new Row(State.OPEN, owner, fire.kind())));
    }
    requireGood();
    return taken;
  }

  @Override
  public boolean paused(String trigger) {
    requireGood();
    synchronized (rows) {
      return rows.paused.contains(trigger);
    }
  }

  @Override
  public Watch watch(String trigger, Runnable changed) {
    synchronized (rows) {
      rows.watches.computeIfAbsent(trigger, name -> new ArrayList<>()).add(changed);
    }
    return () -> {
      synchronized (rows) {
        rows.watches.get(trigger).remove(changed);
      }
    };
  }

  /** As a person does it, from another process. */
  public void pause(String trigger, boolean paused) {
    synchronized (rows) {
      if (paused) {
        rows.paused.add(trigger);
      } else {
        rows.paused.remove(trigger);
      }
    }
    tell(trigger);
  }

  /** As a person does it, from another process. */
  public void request(String trigger, Fire fire) {
    synchronized (rows) {
      rows.of(trigger).putIfAbsent(fire.time(), new Row(State.REQUESTED, "nobody", fire.kind()));
    }
    tell(trigger);
  }

  private void tell(String trigger) {
    List<Runnable> told;
    synchronized (rows) {
      told = List.copyOf(rows.watches.getOrDefault(trigger, List.of()));
    }
    told.forEach(Runnable::run);
  }

  /** Under the lock of the rows. */
  private List<Fire> fires(String trigger, Predicate<Row> wanted) {
    return rows.of(trigger).entrySet().stream()
        .filter(entry -> wanted.test(entry.getValue()))
        .map(entry -> new Fire(entry.getKey(), entry.getValue().kind()))
        .toList();
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

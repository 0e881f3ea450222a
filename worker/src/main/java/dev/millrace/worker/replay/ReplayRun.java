package dev.millrace.worker.replay;

import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.PublishException;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.DeadLetters.Stored;
import dev.millrace.worker.store.DeadLetters.Summary;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.Replays;
import dev.millrace.worker.store.Replays.Progress;
import dev.millrace.worker.store.Replays.Target;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off one replay, a step at a time. Letters are taken in the order of their numbers, {@value
 * #WINDOW} in view at a time. One is handed out when the rate allows it and no letter of its
 * trigger and key that comes before it is under way; it is through when it has left the store, has
 * failed again, or cannot be replayed.
 *
 * <p>Nothing here has to survive: letters that were handed out are found again by their parked
 * events, and those before {@link Progress#position} are not looked at again.
 *
 * <p>Confined to the thread that replays.
 */
final class ReplayRun {

  static final int WINDOW = 100;

  private static final Logger LOG = LoggerFactory.getLogger(ReplayRun.class);

  /** How long after an outage of the rate's thread it may be made up for. */
  private static final Duration BURST = Duration.ofSeconds(1);

  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);

  private enum State {
    WAITING,
    UNDER_WAY,
    LEFT,
    FAILED,
    SKIPPED
  }

  /** Whose order is kept among each other. */
  private record Lane(String trigger, ByteBuffer key) {

    static @Nullable Lane of(DeadLetter letter) {
      byte[] key = letter.event().key();
      return key == null ? null : new Lane(letter.trigger(), ByteBuffer.wrap(key));
    }
  }

  /** One letter in view. */
  private static final class Item {
    final long number;
    final String id;
    final @Nullable Lane lane;
    State state;

    /** Under way to its source, and how that ended. */
    @Nullable CompletableFuture<Void> sent;

    Item(long number, String id, @Nullable Lane lane, State state) {
      this.number = number;
      this.id = id;
      this.lane = lane;
      this.state = state;
    }

    boolean through() {
      return state != State.WAITING && state != State.UNDER_WAY;
    }
  }

  private final Replays.Replay replay;
  private final String owner;
  private final ReplaySurroundings around;
  private final DeadLetters letters;
  private final List<Item> window = new ArrayList<>();

  /** Under way when this run began, whoever had asked for it. */
  private final List<Item> others = new ArrayList<>();

  private Progress progress;
  private long readTo;
  private boolean readAll;
  private boolean begun;
  private Instant nextAt;
  private Instant calmFrom = Instant.MIN;
  private String trouble;

  ReplayRun(Replays.Replay replay, String owner, ReplaySurroundings around) {
    this.replay = replay;
    this.owner = owner;
    this.around = around;
    this.letters = around.store().deadLetters();
    this.progress = replay.progress();
    this.readTo = progress.position();
    this.trouble = progress.trouble();
    this.nextAt = around.clock().instant();
  }

  String id() {
    return replay.id();
  }

  /**
   * Does what can be done now. Blocks for the store.
   *
   * @return whether there is more to do for this run: not when the replay is through, cancelled, or
   *     another worker's
   */
  boolean step() {
    if (!begun) {
      findOthers();
      begun = true;
    }
    read();
    observe(others);
    others.removeIf(Item::through);
    observe(window);
    handOut();
    return advance();
  }

  private void findOthers() {
    for (long number : around.store().replays().inFlight()) {
      letters
          .find(Long.toString(number))
          .ifPresent(stored -> others.add(item(stored, State.UNDER_WAY)));
    }
  }

  /** Fills the window. */
  private void read() {
    while (!readAll && window.size() < WINDOW) {
      List<Summary> page = letters.inOrder(replay.filter(), readTo, WINDOW - window.size());
      for (Summary summary : page) {
        if (summary.number() > replay.lastNumber()) {
          readAll = true;
          return;
        }
        readTo = summary.number();
        letters.find(Long.toString(summary.number())).ifPresent(this::take);
      }
      readAll = page.isEmpty();
    }
  }

  private void take(Stored stored) {
    boolean underWay = !around.store().replays().inFlight(List.of(stored.letter().id())).isEmpty();
    boolean hadItsTurn = stored.replayedBy().filter(replay.id()::equals).isPresent();
    State state = underWay ? State.UNDER_WAY : hadItsTurn ? State.FAILED : State.WAITING;
    others.removeIf(other -> other.number == stored.summary().number());
    window.add(item(stored, state));
  }

  private static Item item(Stored stored, State state) {
    return new Item(
        stored.summary().number(), stored.letter().id(), Lane.of(stored.letter()), state);
  }

  /** Finds out what has become of the letters that are under way. */
  private void observe(List<Item> items) {
    List<Item> parked = new ArrayList<>();
    for (Item item : items) {
      CompletableFuture<Void> sent = item.sent;
      if (item.state == State.UNDER_WAY && sent == null) {
        parked.add(item);
      } else if (sent != null && sent.isDone()) {
        item.sent = null;
        confirmed(item, sent);
      }
    }
    if (parked.isEmpty()) {
      return;
    }
    Set<String> still =
        around.store().replays().inFlight(parked.stream().map(item -> item.id).toList());
    parked.removeIf(item -> still.contains(item.id));
    Set<Long> there = numbersOf(parked);
    parked.forEach(item -> item.state = there.contains(item.number) ? State.FAILED : State.LEFT);
  }

  /** A letter is removed before its parked event is, so what is still there failed again. */
  private Set<Long> numbersOf(List<Item> items) {
    if (items.isEmpty()) {
      return Set.of();
    }
    List<Long> numbers = items.stream().map(item -> item.number).toList();
    Set<Long> there = new HashSet<>();
    letters
        .inOrder(DeadLetters.Filter.ofNumbers(numbers), 0, numbers.size())
        .forEach(summary -> there.add(summary.number()));
    return there;
  }

  private void confirmed(Item item, CompletableFuture<Void> sent) {
    try {
      sent.join();
      await(letters.remove(List.of(item.id)));
      item.state = State.LEFT;
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof PublishException refused && refused.permanent()) {
        skip(item, String.valueOf(refused.getMessage()));
      } else {
        item.state = State.WAITING;
        hold(String.valueOf(cause.getMessage()));
      }
    }
  }

  private void handOut() {
    Instant now = around.clock().instant();
    if (now.isBefore(calmFrom)) {
      return;
    }
    Set<Lane> busy = new HashSet<>();
    others.forEach(other -> note(busy, other.lane));
    List<Item> handed = new ArrayList<>();
    List<CompletionStage<?>> writes = new ArrayList<>();
    for (Item item : window) {
      if (item.through()) {
        continue;
      }
      boolean first = item.lane == null || busy.add(item.lane);
      if (first && item.state == State.WAITING && inTime(now)) {
        handed.add(item);
        handOut(item, now, writes);
      }
    }
    await(handed, writes);
  }

  private static void note(Set<Lane> busy, @Nullable Lane lane) {
    if (lane != null) {
      busy.add(lane);
    }
  }

  /** Whether the rate allows one more. */
  private boolean inTime(Instant now) {
    return !nextAt.isAfter(now);
  }

  private void countOne(Instant now) {
    Instant earliest = now.minus(BURST);
    nextAt = (nextAt.isBefore(earliest) ? earliest : nextAt).plus(replay.interval());
  }

  private void handOut(Item item, Instant now, List<CompletionStage<?>> writes) {
    Optional<Stored> stored = letters.find(Long.toString(item.number));
    if (stored.isEmpty()) {
      item.state = State.LEFT;
      return;
    }
    DeadLetter letter = stored.get().letter();
    if (replay.target() == Target.SOURCE) {
      send(item, letter, now);
    } else if (!around.triggers().contains(letter.trigger())) {
      skip(item, "the manifest has no trigger '" + letter.trigger() + "'");
    } else {
      countOne(now);
      item.state = State.UNDER_WAY;
      // Parked first: a letter that is counted and not parked would pass for one that failed.
      writes.add(around.store().parked().park(retry(letter, now)));
      writes.add(letters.markReplayed(letter.id(), now, replay.id()));
    }
  }

  private void send(Item item, DeadLetter letter, Instant now) {
    Optional<Message> message = around.sources().message(letter.trigger(), letter.event());
    if (message.isEmpty()) {
      skip(item, "there is no way back to the source of trigger '" + letter.trigger() + "'");
      return;
    }
    countOne(now);
    item.state = State.UNDER_WAY;
    try {
      CompletableFuture<Void> sent = new CompletableFuture<>();
      around
          .publisher()
          .publish(List.of(message.get()))
          .whenComplete(
              (done, failure) -> {
                if (failure == null) {
                  sent.complete(null);
                } else {
                  sent.completeExceptionally(
                      failure instanceof CompletionException && failure.getCause() != null
                          ? failure.getCause()
                          : failure);
                }
              });
      item.sent = sent;
    } catch (RuntimeException e) {
      item.sent = CompletableFuture.failedFuture(e);
    }
  }

  private void await(List<Item> handed, List<CompletionStage<?>> writes) {
    if (writes.isEmpty()) {
      return;
    }
    try {
      writes.forEach(ReplayRun::await);
    } catch (CompletionException e) {
      // What was parked nevertheless is found under way, or replaced by the same event.
      handed.stream()
          .filter(item -> item.state == State.UNDER_WAY && item.sent == null)
          .forEach(item -> item.state = State.WAITING);
      hold(String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
    }
    around.wakeParked().run();
  }

  private void skip(Item item, String why) {
    item.state = State.SKIPPED;
    trouble = "dead letter " + item.number + " was skipped: " + why;
    LOG.atWarn()
        .addKeyValue("replay", replay.id())
        .addKeyValue("letter", item.id)
        .addKeyValue("reason", why)
        .log("a dead letter cannot be replayed and stays in the store");
  }

  private void hold(String why) {
    trouble = "waiting: " + why;
    calmFrom = around.clock().instant().plus(AFTER_TROUBLE);
  }

  /** Books what is through at the head of the window. */
  private boolean advance() {
    long position = progress.position();
    long left = progress.left();
    long failed = progress.failed();
    long skipped = progress.skipped();
    while (!window.isEmpty() && window.getFirst().through()) {
      Item first = window.removeFirst();
      position = first.number;
      switch (first.state) {
        case LEFT -> left++;
        case FAILED -> failed++;
        default -> skipped++;
      }
    }
    boolean ended = readAll && window.isEmpty();
    if (ended) {
      // Letters that left while nobody counted, in a crash or by somebody's hand.
      left = Math.max(left, replay.total() - failed - skipped);
    }
    Progress now = new Progress(position, left, failed, skipped, told(ended));
    if (!ended && now.equals(progress)) {
      return true;
    }
    boolean mine =
        await(
            around
                .store()
                .replays()
                .advance(
                    replay.id(),
                    owner,
                    now,
                    ended ? Optional.of(around.clock().instant()) : Optional.empty()));
    progress = now;
    if (ended && mine) {
      LOG.atInfo()
          .addKeyValue("replay", replay.id())
          .addKeyValue("left", left)
          .addKeyValue("failed", failed)
          .addKeyValue("skipped", skipped)
          .log("replay done");
    }
    return mine && !ended;
  }

  /** What made it wait is forgotten when it goes on; why something was skipped is not. */
  private String told(boolean ended) {
    boolean over = ended || !around.clock().instant().isBefore(calmFrom);
    if (over && trouble.startsWith("waiting: ")) {
      trouble = "";
    }
    return trouble;
  }

  /** The same event as if it had just been received. */
  private static ParkedRetries.Parked retry(DeadLetter letter, Instant now) {
    return new ParkedRetries.Parked(
        letter.id(), letter.event(), letter.trigger(), letter.function(), 0, now, now, List.of());
  }

  private static <T> T await(CompletionStage<T> write) {
    return write.toCompletableFuture().join();
  }
}

package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Journal;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backlog of a durable trigger: a message is offered only after the journal has confirmed it,
 * or has given it back on reading.
 *
 * <p>A message goes from the receive queue to the journal at once, whether the intake has room or
 * not. A window of confirmed messages waits in memory; those beyond it stay in the journal alone
 * and are read back when their turn comes. What an earlier run left behind is read the same way,
 * before anything new, so that a start is nothing but a window that is empty while the journal is
 * not.
 *
 * <p>While the journal fails, one message at a time is tried again every second, and the others
 * wait in the receive queue under its overflow policy. A message that failed while a later one of
 * the same moment succeeded comes after it.
 *
 * <p>Confined to the trigger's own thread; the journal's completions only mark and wake.
 */
final class JournaledBacklog {

  /** A message and its place in the journal. */
  record Entry(Event event, long sequence) {}

  /** How a message that the intake took has ended. */
  record Settled(Entry entry, Settlement settlement) {}

  /** How many confirmed messages wait in memory, as far as their bytes allow. */
  static final int WINDOW = 2000;

  private static final long WINDOW_BYTES = 16L << 20;

  /** How many messages are read back at once: they may be large, and that is known afterwards. */
  private static final int READ_AT_ONCE = 256;

  /** More than one commit takes, so that the next group is there when a commit ends. */
  private static final int MAX_APPENDING = 2000;

  private static final long MAX_APPENDING_BYTES = 16L << 20;

  /** What the journal is given as one: enough to share its price, and not all that waits. */
  private static final int APPENDED_AT_ONCE = 252;

  private static final long APPENDED_AT_ONCE_BYTES = 1L << 20;

  /** How often the journal is asked for what workers that are gone have left behind. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(5);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(JournaledBacklog.class);

  private final String trigger;
  private final Journal journal;
  private final ReceiveQueue queue;
  private final PubSubOptions.Queue bound;
  private final Duration retryAfter;
  private final Wakeup wakeup;

  private final Deque<Appending> appending = new ArrayDeque<>();
  private final Deque<Received> unappended = new ArrayDeque<>();
  private final Deque<Entry> window = new ArrayDeque<>();
  private final AtomicInteger removing = new AtomicInteger();
  private final Queue<Long> unremoved = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Throwable lastRemoveFailure;
  private int appendingEvents;
  private long appendingBytes;
  private long windowBytes;
  private long kept;
  private long keptBytes;
  private long lastSequence = -1;

  /**
   * Whether the journal may hold entries after {@link #lastSequence} that are not in the window.
   */
  private boolean moreInJournal = true;

  private final Trouble appendTrouble = new Trouble("received messages cannot be journaled");
  private final Trouble readTrouble = new Trouble("journaled messages cannot be read");
  private final Trouble removeTrouble =
      new Trouble("finished messages cannot be removed from the journal and may run again");

  /** What this run took over from other workers and has not settled; not counted as kept. */
  private final Set<Long> takenOver = new HashSet<>();

  private long takeOverAt = System.nanoTime();

  /** What was read back and settled before its confirmation came; never counted as kept. */
  private final Set<Long> settledEarly = new HashSet<>();

  /** The sequence that was confirmed last. */
  private long lastOwn;

  /** The sequence of the first message that this run journaled; what is before it is older. */
  private long firstOwn = Long.MAX_VALUE;

  /** Messages whose confirmation is awaited. The journal's thread writes the result, once. */
  private static final class Appending {
    final List<Received> messages;
    final long bytes;
    volatile @Nullable Long firstSequence;
    volatile @Nullable Throwable failure;

    Appending(List<Received> messages, long bytes) {
      this.messages = messages;
      this.bytes = bytes;
    }

    boolean isComplete() {
      return firstSequence != null || failure != null;
    }
  }

  JournaledBacklog(
      String trigger,
      Journal journal,
      ReceiveQueue queue,
      PubSubOptions.Queue bound,
      Duration retryAfter,
      Wakeup wakeup) {
    this.trigger = trigger;
    this.journal = journal;
    this.queue = queue;
    this.bound = bound;
    this.retryAfter = retryAfter;
    this.wakeup = wakeup;
  }

  /**
   * Moves messages on as far as that goes without waiting for anything but a read of the journal.
   */
  void advance() {
    takeConfirmations();
    removeAgain();
    append();
    takeOver();
    fillWindow();
  }

  /** Looks for what workers that are gone have left behind, at the start and now and then. */
  private void takeOver() {
    if (System.nanoTime() - takeOverAt < 0 || !readTrouble.mayTry()) {
      return;
    }
    try {
      List<Long> sequences = journal.takeOver(trigger);
      takeOverAt = System.nanoTime() + TAKE_OVER.toNanos();
      if (!sequences.isEmpty()) {
        takenOver.addAll(sequences);
        moreInJournal = true;
        LOG.atInfo()
            .addKeyValue("trigger", trigger)
            .addKeyValue("messages", sequences.size())
            .log("journaled messages of another worker are taken over");
      }
    } catch (RuntimeException e) {
      readTrouble.begins(e);
    }
  }

  private void takeConfirmations() {
    while (!appending.isEmpty() && appending.getFirst().firstSequence != null) {
      confirmed(finish(appending.getFirst()));
    }
    boolean failed = !appending.isEmpty() && appending.getFirst().failure != null;
    if (!failed || !appending.stream().allMatch(Appending::isComplete)) {
      return;
    }
    appendTrouble.begins(appending.getFirst().failure);
    Deque<Received> again = new ArrayDeque<>();
    while (!appending.isEmpty()) {
      Appending done = finish(appending.getFirst());
      if (done.firstSequence == null) {
        again.addAll(done.messages);
      } else {
        confirmed(done);
      }
    }
    while (!again.isEmpty()) {
      unappended.addFirst(again.removeLast());
    }
  }

  private Appending finish(Appending head) {
    appending.removeFirst();
    appendingEvents -= head.messages.size();
    appendingBytes -= head.bytes;
    return head;
  }

  private void confirmed(Appending done) {
    appendTrouble.ends();
    long sequence = done.firstSequence;
    firstOwn = Math.min(firstOwn, sequence);
    for (Received message : done.messages) {
      confirmed(message, sequence++);
    }
    if (appending.isEmpty()) {
      settledEarly.clear();
    }
  }

  private void confirmed(Received message, long sequence) {
    lastOwn = sequence;
    if (!settledEarly.isEmpty() && settledEarly.remove(sequence)) {
      return;
    }
    kept++;
    keptBytes += message.data().length;
    if (sequence <= lastSequence) {
      return; // read back already, together with earlier ones
    }
    if (moreInJournal || window.size() >= WINDOW || windowBytes >= WINDOW_BYTES) {
      moreInJournal = true;
    } else {
      addToWindow(new Entry(message, sequence));
    }
  }

  private void addToWindow(Entry entry) {
    window.addLast(entry);
    windowBytes += entry.event().size();
    lastSequence = entry.sequence();
  }

  private void append() {
    if (!appendTrouble.mayTry()) {
      return;
    }
    int limit = appendTrouble.isThere() ? 1 : MAX_APPENDING;
    while (appending.isEmpty() || appending.getFirst().failure == null) {
      Appending next = take(limit);
      if (next.messages.isEmpty()) {
        return;
      }
      append(next);
    }
  }

  /** The messages that are journaled next, as many as go as one; they count as being appended. */
  private Appending take(int limit) {
    List<Received> messages = new ArrayList<>();
    long bytes = 0;
    while (messages.size() < APPENDED_AT_ONCE
        && bytes < APPENDED_AT_ONCE_BYTES
        && appendingEvents < limit
        && appendingBytes < MAX_APPENDING_BYTES
        && hasRoom()) {
      Received message = unappended.isEmpty() ? queue.poll() : unappended.pollFirst();
      if (message == null) {
        break;
      }
      messages.add(message);
      bytes += message.waitingBytes();
      appendingEvents++;
      appendingBytes += message.waitingBytes();
    }
    return new Appending(messages, bytes);
  }

  private boolean hasRoom() {
    long events = kept + appendingEvents;
    return events == 0 || (events < bound.events() && keptBytes + appendingBytes < bound.bytes());
  }

  private void append(Appending awaited) {
    appending.addLast(awaited);
    CompletionStage<Long> stage;
    try {
      stage = journal.append(trigger, awaited.messages);
    } catch (RuntimeException e) {
      awaited.failure = e;
      return;
    }
    var unused =
        stage.whenComplete(
            (firstSequence, failure) -> {
              if (failure == null) {
                awaited.firstSequence = firstSequence;
              } else {
                awaited.failure = failure;
              }
              wakeup.signal();
            });
  }

  private void fillWindow() {
    if (!moreInJournal || window.size() > READ_AT_ONCE / 2 || !readTrouble.mayTry()) {
      return;
    }
    List<Journal.Entry> read;
    try {
      read = journal.read(trigger, lastSequence, READ_AT_ONCE);
    } catch (RuntimeException e) {
      readTrouble.begins(e);
      return;
    }
    readTrouble.ends();
    for (Journal.Entry entry : read) {
      addToWindow(new Entry(entry.event(), entry.sequence()));
    }
    moreInJournal = read.size() == READ_AT_ONCE;
  }

  /**
   * The next message to offer, the same until {@link #taken}; {@code null} if there is none yet.
   */
  @Nullable Entry next() {
    return window.peekFirst();
  }

  /** The intake took the message that {@link #next} returned. */
  void taken() {
    windowBytes -= window.removeFirst().event().size();
  }

  /** Messages that the intake took are settled. The list is not kept. */
  void settled(List<Settled> settled) {
    takeConfirmations();
    List<Long> finished = new ArrayList<>(settled.size());
    for (Settled each : settled) {
      if (each.settlement().acknowledge()) {
        Entry entry = each.entry();
        if (!takenOver.remove(entry.sequence())) {
          keptNoMore(entry);
        }
        finished.add(entry.sequence());
      }
    }
    if (!finished.isEmpty()) {
      remove(finished);
    }
  }

  private void keptNoMore(Entry entry) {
    if (entry.sequence() > lastOwn && !appending.isEmpty()) {
      settledEarly.add(entry.sequence());
    } else if (entry.sequence() >= firstOwn) {
      byte[] data = entry.event().data();
      kept--;
      keptBytes -= data == null ? 0 : data.length;
    }
  }

  private void remove(List<Long> sequences) {
    removing.incrementAndGet();
    CompletionStage<Void> stage;
    try {
      stage = journal.remove(trigger, sequences);
    } catch (RuntimeException e) {
      lastRemoveFailure = e;
      unremoved.addAll(sequences);
      removing.decrementAndGet();
      return;
    }
    var unused =
        stage.whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                lastRemoveFailure = failure;
                unremoved.addAll(sequences);
              }
              removing.decrementAndGet();
              wakeup.hint();
            });
  }

  private void removeAgain() {
    if (unremoved.isEmpty()) {
      if (removing.get() == 0) {
        removeTrouble.ends();
      }
      return;
    }
    if (!removeTrouble.isThere()) {
      removeTrouble.begins(lastRemoveFailure);
    } else if (removeTrouble.mayTry()) {
      removeTrouble.begins(lastRemoveFailure);
      List<Long> again = new ArrayList<>();
      for (Long next = unremoved.poll(); next != null; next = unremoved.poll()) {
        again.add(next);
      }
      remove(again);
    }
  }

  /** What holds the messages up, for a person; empty if nothing does. */
  String trouble() {
    if (!appendTrouble.isThere() && !readTrouble.isThere() && !removeTrouble.isThere()) {
      return "";
    }
    return Stream.of(appendTrouble, readTrouble, removeTrouble)
        .filter(Trouble::isThere)
        .map(Trouble::toString)
        .collect(Collectors.joining("; "));
  }

  /**
   * Brings to safety what can be: nothing more is received or offered. Blocks, but not for ever.
   *
   * @param lost learns how many received messages go down with the process
   */
  void close(LongConsumer lost) {
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    while (isBusy() && System.nanoTime() < deadline) {
      takeConfirmations();
      removeAgain();
      append();
      if (isBusy()) {
        wakeup.await(Duration.ofMillis(20));
      }
    }
    long unsaved = unappended.size() + (long) queue.size();
    for (Appending awaited : appending) {
      unsaved += awaited.firstSequence == null ? awaited.messages.size() : 0;
    }
    lost.accept(unsaved);
  }

  private boolean isBusy() {
    return !appending.isEmpty()
        || !unappended.isEmpty()
        || !queue.isEmpty()
        || removing.get() > 0
        || !unremoved.isEmpty();
  }

  /** One thing that the journal does not do at the moment. */
  private final class Trouble {
    private final String what;
    private String why = "";
    private boolean there;
    private long retryAt;

    Trouble(String what) {
      this.what = what;
    }

    void begins(@Nullable Throwable failure) {
      why = failure == null ? "no reason given" : rootMessage(failure);
      retryAt = System.nanoTime() + retryAfter.toNanos();
      if (!there) {
        there = true;
        LOG.atWarn()
            .addKeyValue("trigger", trigger)
            .addKeyValue("reason", why)
            .addKeyValue("retryAfter", retryAfter)
            .log(what);
      }
    }

    void ends() {
      if (there) {
        there = false;
        LOG.atInfo().addKeyValue("trigger", trigger).log("no longer so: " + what);
      }
    }

    boolean isThere() {
      return there;
    }

    boolean mayTry() {
      return !there || System.nanoTime() - retryAt >= 0;
    }

    @Override
    public String toString() {
      return what + " (" + why + ")";
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}

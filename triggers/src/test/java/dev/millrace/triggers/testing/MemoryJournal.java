package dev.millrace.triggers.testing;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.triggers.Journal;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A journal that outlives the triggers of a test, and fails or hesitates when the test says so.
 * Safe for any thread.
 */
public final class MemoryJournal implements Journal {

  private record Kept(String trigger, Entry entry) {}

  private final NavigableMap<Long, Kept> kept = new TreeMap<>();
  private final Deque<Runnable> heldConfirmations = new ArrayDeque<>();
  private final List<Kept> leftBehind = new ArrayList<>();
  private long lastSequence;
  private boolean failing;
  private boolean holding;
  private int attempts;

  @Override
  public CompletionStage<Long> append(String trigger, List<? extends Event> events) {
    CompletableFuture<Long> confirmed = new CompletableFuture<>();
    Runnable confirmation;
    boolean held;
    synchronized (this) {
      attempts++;
      if (failing) {
        confirmation = () -> confirmed.completeExceptionally(new IOException("disk full"));
      } else {
        long first = lastSequence + 1;
        for (Event event : events) {
          long sequence = ++lastSequence;
          kept.put(sequence, new Kept(trigger, new Entry(sequence, DetachedEvent.copyOf(event))));
        }
        confirmation = () -> confirmed.complete(first);
      }
      held = holding;
      if (held) {
        heldConfirmations.add(confirmation);
      }
    }
    if (!held) {
      confirmation.run();
    }
    return confirmed;
  }

  @Override
  public synchronized CompletionStage<Void> remove(String trigger, List<Long> sequences) {
    if (failing) {
      return CompletableFuture.failedStage(new IOException("disk full"));
    }
    sequences.forEach(kept::remove);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public synchronized List<Long> takeOver(String trigger) {
    List<Long> sequences = new ArrayList<>();
    for (Kept each : leftBehind) {
      if (each.trigger().equals(trigger)) {
        long sequence = ++lastSequence;
        kept.put(sequence, new Kept(trigger, new Entry(sequence, each.entry().event())));
        sequences.add(sequence);
      }
    }
    leftBehind.removeIf(each -> each.trigger().equals(trigger));
    return sequences;
  }

  /** An event of another worker, which is gone. */
  public synchronized void leaveBehind(String trigger, Event event) {
    leftBehind.add(new Kept(trigger, new Entry(0, DetachedEvent.copyOf(event))));
  }

  @Override
  public synchronized List<Entry> read(String trigger, long afterSequence, int limit) {
    List<Entry> entries = new ArrayList<>();
    for (Kept candidate : kept.tailMap(afterSequence, false).values()) {
      if (entries.size() < limit && candidate.trigger().equals(trigger)) {
        entries.add(candidate.entry());
      }
    }
    return entries;
  }

  /** From now on refuses to write, or no longer does. Reading goes on. */
  public synchronized void setFailing(boolean now) {
    failing = now;
  }

  /** From now on keeps entries, but tells nobody before {@link #confirmHeld}. */
  public synchronized void hold() {
    holding = true;
  }

  /** Tells what was held back, in order, and holds back no more. */
  public void confirmHeld() {
    List<Runnable> confirmations;
    synchronized (this) {
      holding = false;
      confirmations = List.copyOf(heldConfirmations);
      heldConfirmations.clear();
    }
    confirmations.forEach(Runnable::run);
  }

  /** The ids of the kept events of all triggers, in order. */
  public synchronized List<String> ids() {
    return kept.values().stream().map(entry -> entry.entry().event().id()).toList();
  }

  /** How often it was asked to keep events. */
  public synchronized int attempts() {
    return attempts;
  }
}

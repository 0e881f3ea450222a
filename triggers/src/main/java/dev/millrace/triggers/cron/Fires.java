package dev.millrace.triggers.cron;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The open fires of one trigger that this worker has to see to. Each is in exactly one of three
 * sets: waiting for room, in flight in the worker, or settled and not yet recorded as such.
 * Confined to the trigger's mailbox.
 */
final class Fires {

  private final TreeSet<Instant> waiting = new TreeSet<>();
  private final Set<Instant> inFlight = new HashSet<>();
  private final Set<Instant> settled = new HashSet<>();

  /** Takes open grid times; those already here stay where they are. */
  void adopt(Collection<Instant> gridTimes) {
    waiting.addAll(unknown(gridTimes));
  }

  /** Those of some open grid times that are not here. */
  List<Instant> unknown(Collection<Instant> gridTimes) {
    List<Instant> unknown = new ArrayList<>(gridTimes);
    unknown.removeIf(
        time -> waiting.contains(time) || inFlight.contains(time) || settled.contains(time));
    return unknown;
  }

  /** The oldest fire that waits. */
  Optional<Instant> head() {
    return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.getFirst());
  }

  void offered(Instant gridTime) {
    waiting.remove(gridTime);
    inFlight.add(gridTime);
  }

  void released(Instant gridTime) {
    inFlight.remove(gridTime);
    waiting.add(gridTime);
  }

  void settled(Instant gridTime) {
    inFlight.remove(gridTime);
    settled.add(gridTime);
  }

  void recorded(Instant gridTime) {
    settled.remove(gridTime);
  }

  /** Whether a fire waits or is in flight. */
  boolean unsettled() {
    return !waiting.isEmpty() || !inFlight.isEmpty();
  }

  int waiting() {
    return waiting.size();
  }

  int inFlight() {
    return inFlight.size();
  }

  /** How many settled fires the ledger does not know to be settled. */
  int unrecorded() {
    return settled.size();
  }
}

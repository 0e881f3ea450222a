package dev.millrace.triggers.cron;

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

  private final TreeSet<Fire> waiting = new TreeSet<>();
  private final Set<Fire> inFlight = new HashSet<>();
  private final Set<Fire> settled = new HashSet<>();
  private boolean complete;

  /**
   * Whether no other fire of the trigger is open: one worker has the ledger to itself, and every
   * answer of it was heard. Then it need not be asked.
   */
  boolean complete() {
    return complete;
  }

  void complete(boolean known) {
    complete = known;
  }

  /** Takes open fires; those already here stay where they are. */
  void adopt(Collection<Fire> fires) {
    waiting.addAll(unknown(fires));
  }

  /** Those of some open fires that are not here. */
  List<Fire> unknown(Collection<Fire> fires) {
    List<Fire> unknown = new ArrayList<>(fires);
    unknown.removeIf(
        fire -> waiting.contains(fire) || inFlight.contains(fire) || settled.contains(fire));
    return unknown;
  }

  /**
   * The first fire that waits.
   *
   * @param requestedOnly leaves out those of the schedule
   */
  Optional<Fire> head(boolean requestedOnly) {
    return waiting.stream().filter(fire -> fire.isRequested() || !requestedOnly).findFirst();
  }

  void offered(Fire fire) {
    waiting.remove(fire);
    inFlight.add(fire);
  }

  void released(Fire fire) {
    inFlight.remove(fire);
    waiting.add(fire);
  }

  void settled(Fire fire) {
    inFlight.remove(fire);
    settled.add(fire);
  }

  void recorded(Fire fire) {
    settled.remove(fire);
  }

  /** Whether a fire waits or is in flight that keeps the schedule from firing. */
  boolean unsettled() {
    return waiting.stream().anyMatch(Fires::holdsUpTheSchedule)
        || inFlight.stream().anyMatch(Fires::holdsUpTheSchedule);
  }

  /** A backfill makes the schedule wait for a moment; it never makes a grid time be skipped. */
  static boolean holdsUpTheSchedule(Fire fire) {
    return fire.kind() != Fire.Kind.BACKFILL;
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

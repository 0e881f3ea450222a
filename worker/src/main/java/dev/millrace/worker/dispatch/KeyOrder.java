package dev.millrace.worker.dispatch;

import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the later events of a key behind its dead letter: {@code on_exhausted: park_key}. Of one
 * lane, only its head is here.
 */
final class KeyOrder {

  private final TriggerState state;
  private final KeyQueue queue;
  private final KeyBatches batches;
  private final Holding holding;
  private final Ending ending;

  KeyOrder(TriggerState state, KeyQueue queue, KeyBatches batches, Holding holding, Ending ending) {
    this.state = state;
    this.queue = queue;
    this.batches = batches;
    this.holding = holding;
    this.ending = ending;
  }

  /** The task is the head of its lane: it runs, or goes where its key has to wait. */
  void begin(Task task, Object lane) {
    KeyQueue.Queued queued = task.queued;
    if (queued == null) {
      runOrQueue(task, lane.toString());
    } else if (batches.runs(lane, task.batch)) {
      runInItsBatch(task, lane.toString(), queued);
    } else {
      stepBack(task);
    }
  }

  private void runOrQueue(Task task, String lane) {
    state
        .around()
        .call(() -> queue.appendIfParked(state.trigger(), lane, task.event, task.receivedAt))
        .whenComplete(
            (parked, error) -> {
              if (error != null) {
                holding.holdForStore(task, error, () -> runOrQueue(task, lane));
              } else if (parked) {
                ending.settle(task, Settlement.PARKED, "");
              } else {
                state.gate().submit(task);
              }
            });
  }

  private void runInItsBatch(Task task, String lane, KeyQueue.Queued queued) {
    state
        .around()
        .call(() -> queue.mayRun(state.trigger(), lane, queued))
        .whenComplete(
            (mayRun, error) -> {
              if (error != null) {
                holding.holdForStore(task, error, () -> runInItsBatch(task, lane, queued));
              } else if (mayRun) {
                state.gate().submit(task);
              } else {
                stepBack(task);
              }
            });
  }

  /** Its place in the queue is kept; so are those of the others in its batch. */
  private void stepBack(Task task) {
    ending.settle(task, Settlement.RELEASED, "behind a dead letter");
  }

  /** The letter is stored: only now may its key be parked, for it is what ends the parking. */
  void park(Task task, Object lane, DeadLetter letter) {
    state
        .around()
        .call(() -> queue.park(state.trigger(), lane.toString(), letter.id()))
        .whenComplete(
            (ok, error) -> {
              if (error != null) {
                holding.holdForStore(task, error, () -> park(task, lane, letter));
                return;
              }
              batches.end(lane);
              state.listener().keyParked(state.trigger(), letter);
              ending.conclude(task, Settlement.DEAD_LETTERED, "");
            });
  }

  /** Makes tasks of the next events of a queue, as far as there is room, and a batch of them. */
  List<Task> batch(
      TriggerDispatch owner,
      String lane,
      List<KeyQueue.Queued> next,
      KeyQueue.SettlementListener listener) {
    long batch = batches.begin(lane);
    List<Task> tasks = new ArrayList<>();
    for (KeyQueue.Queued queued : next) {
      if (!state.account().resume(queued.event().size())) {
        break;
      }
      tasks.add(Task.outOfQueue(owner, lane, queued, listener, batch));
    }
    return tasks;
  }

  /** Ends the parking of a lane whose queue is empty, as soon as nobody is in the lane. */
  void unpark(String lane) {
    EndOfParking end = new EndOfParking(lane);
    if (state.lanes().enter(lane, end)) {
      end.begin();
    }
  }

  /** Ends the parking of a lane when its turn in that lane comes. */
  private final class EndOfParking implements LaneEntry {

    private final String name;
    private @Nullable Lane<LaneEntry> joined;

    private EndOfParking(String name) {
      this.name = name;
    }

    @Override
    public int size() {
      return name.length();
    }

    @Override
    public void joins(Lane<LaneEntry> lane) {
      joined = lane;
    }

    @Override
    public void begin() {
      Lane<LaneEntry> lane = Objects.requireNonNull(joined);
      state
          .around()
          .call(() -> queue.unparkIfEmpty(state.trigger(), name))
          .whenComplete(
              (ended, error) -> {
                if (error == null && ended) {
                  batches.end(name);
                }
                state.lanes().leave(lane);
              });
    }

    @Override
    public void giveBack() {}
  }
}

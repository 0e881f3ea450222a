package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells which of a trigger's events have been here before: those remembered in the store, and those
 * that the worker has just now. A duplicate of an event that is still with the worker waits for its
 * end, because it takes the other's place if that is given back. Safe for any thread.
 */
final class Duplicates {

  private record Same(Task first, List<Task> later) {}

  private final Deduplication remembered;
  private final Map<String, Same> here = new ConcurrentHashMap<>();

  Duplicates(Deduplication remembered) {
    this.remembered = remembered;
  }

  /**
   * Makes the task the one that counts of its kind, or puts it behind the one that does.
   *
   * @return whether it counts; if not, {@link #settled} hands it out
   */
  boolean first(Task task) {
    Same same =
        here.compute(
            identity(task.event),
            (id, present) -> {
              if (present == null) {
                return new Same(task, new CopyOnWriteArrayList<>());
              }
              if (present.first() != task) {
                present.later().add(task);
              }
              return present;
            });
    return same.first() == task;
  }

  /** Whether the task still waits for the end of another one. */
  boolean follows(Task task) {
    Same same = here.get(identity(task.event));
    return same != null && same.later().contains(task);
  }

  /** Whether an equal event came to its end within the window. May block. */
  boolean seen(Task task) {
    return remembered.seen(task.event);
  }

  CompletionStage<Void> remember(Task task) {
    return remembered.remember(task.event);
  }

  /** The task has come to its end; those that waited for it are handed out. */
  List<Task> settled(Task task) {
    String id = identity(task.event);
    Same same = here.get(id);
    if (same == null || same.first() != task) {
      return List.of();
    }
    Same last = here.remove(id);
    return last == null ? List.of() : last.later();
  }

  private static String identity(Event event) {
    return event.source() + '\n' + event.id();
  }
}

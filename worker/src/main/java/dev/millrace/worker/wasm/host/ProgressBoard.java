package dev.millrace.worker.wasm.host;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the running invocations of a function say of their progress. An invocation that says nothing
 * costs nothing. Safe for any thread.
 */
public final class ProgressBoard {

  private final Map<Call, Progress> reports = new ConcurrentHashMap<>();

  /** Notes what the invocation of a call says now. */
  void report(Call call, Progress progress) {
    reports.put(call, progress);
  }

  /** The invocation of a call is over. */
  void clear(Call call) {
    reports.remove(call);
  }

  /** What was said last, the oldest first. */
  public List<Progress> all() {
    Collection<Progress> now = reports.values();
    return now.stream().sorted(Comparator.comparing(Progress::since)).toList();
  }
}

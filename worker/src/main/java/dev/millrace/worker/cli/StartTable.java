package dev.millrace.worker.cli;

import dev.millrace.worker.Worker;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.manifest.TriggerSpec.DeadLetterTo;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.WasmFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What runs, in a table: one line for each trigger, then the endpoints. */
final class StartTable {

  private StartTable() {}

  static String of(Worker worker) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (TriggerSpec spec : worker.manifest().triggers().values()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("trigger", spec.name());
      row.put("source", source(spec.source()));
      row.put("function", function(worker.functions().get(spec.function())));
      row.put("guarantee", guarantee(spec.source()));
      row.put("attempts", spec.retry().tries().maxAttempts());
      row.put("reply to", spec.publish().map(Object::toString).orElse("-"));
      row.put("dead letters", deadLetters(spec.deadLetter()));
      rows.add(row);
    }
    String table =
        TextTable.render(
            List.of(
                "trigger",
                "source",
                "function",
                "guarantee",
                "attempts",
                "reply to",
                "dead letters"),
            rows);
    String store = "store " + worker.manifest().store() + "\n";
    return table + store + worker.admin().map(a -> "admin http://" + a + "/\n").orElse("");
  }

  private static String source(Source source) {
    return switch (source) {
      case Source.Kafka kafka ->
          "kafka "
              + kafka.options().pattern().orElse(String.join(",", kafka.options().topics()))
              + " as "
              + kafka.options().group();
      case Source.Queue queue ->
          "kafka queue "
              + String.join(",", queue.options().topics())
              + " as "
              + queue.options().group();
      case Source.PubSub pubSub -> {
        List<String> names = new ArrayList<>(pubSub.options().channels());
        names.addAll(pubSub.options().patterns());
        yield "redis " + String.join(",", names);
      }
      case Source.RedisStream stream ->
          "redis stream "
              + String.join(",", stream.options().streams())
              + (stream.options().keyShards() > 0 ? ":0-" + (stream.options().keyShards() - 1) : "")
              + " as "
              + stream.options().group();
      case Source.RedisList list -> "redis list " + list.options().list();
      case Source.Cron cron -> "cron " + cron.options().schedule() + " " + cron.options().zone();
    };
  }

  /** What the source can promise, in three words. */
  private static String guarantee(Source source) {
    return switch (source) {
      case Source.Kafka kafka ->
          kafka.options().exactlyOnce() ? "results exactly once" : "at least once";
      case Source.Queue queue -> "at least once";
      case Source.PubSub pubSub ->
          pubSub.options().durable() ? "at most once, journaled" : "at most once";
      case Source.RedisStream stream -> "at least once";
      case Source.RedisList list -> "at least once, no order";
      case Source.Cron cron -> "at least once";
    };
  }

  private static String deadLetters(DeadLetterTo to) {
    return switch (to) {
      case DeadLetterTo.Store store -> "store";
      case DeadLetterTo.Sink sink -> sink.destination().toString();
      case DeadLetterTo.Drop drop -> "none, dropped";
    };
  }

  private static String function(@Nullable WasmFunction function) {
    return function == null ? "-" : function.name() + " " + function.version().substring(0, 8);
  }
}

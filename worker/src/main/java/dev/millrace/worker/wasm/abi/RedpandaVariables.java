package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.host.Variables;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a transform, as Redpanda makes it: its configuration under the names that it
 * has, the topic that the event comes from, and those that it may write to. Immutable.
 */
final class RedpandaVariables implements Variables {

  private static final String INPUT_TOPIC = "REDPANDA_INPUT_TOPIC";
  private static final String OUTPUT_TOPIC = "REDPANDA_OUTPUT_TOPIC_";
  private static final String KAFKA_TOPIC = "kafkatopic";

  private final Map<String, String> fixed = new TreeMap<>();

  RedpandaVariables(FunctionSpec spec) {
    Map<String, String> config = new HashMap<>(spec.config());
    config.putAll(spec.secrets());
    fixed.putAll(config);
    int topics = 0;
    for (String destination : spec.grants().publishTo()) {
      if (!destination.endsWith("*")) {
        fixed.put(OUTPUT_TOPIC + topics++, destination.substring(destination.indexOf('/') + 1));
      }
    }
  }

  @Override
  public byte[][] of(@Nullable Invocation invocation) {
    Map<String, String> all = new TreeMap<>(fixed);
    if (invocation != null) {
      Map<String, String> extensions = invocation.event().extensions();
      all.put(INPUT_TOPIC, extensions.getOrDefault(KAFKA_TOPIC, invocation.trigger()));
    }
    List<byte[]> entries = new ArrayList<>(all.size());
    all.forEach(
        (name, value) -> {
          if (name.indexOf('=') < 0 && name.indexOf('\0') < 0 && value.indexOf('\0') < 0) {
            entries.add((name + "=" + value + "\0").getBytes(StandardCharsets.UTF_8));
          }
        });
    return entries.toArray(byte[][]::new);
  }
}

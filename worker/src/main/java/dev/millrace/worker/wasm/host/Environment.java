package dev.millrace.worker.wasm.host;

import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.dispatch.Invocation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The environment variables of a {@code command} guest: the event's attributes, its key, and the
 * function's configuration. A value with a NUL in it cannot be a variable and is left out, as is a
 * key that is not UTF-8. Immutable.
 */
public final class Environment implements Variables {

  private static final String CONFIG_PREFIX = "CONFIG_";

  private final String function;
  private final byte[][] config;

  private Environment(String function, Map<String, String> config) {
    this.function = function;
    List<byte[]> entries = new ArrayList<>();
    new TreeMap<>(config).forEach((name, value) -> add(entries, configName(name), value));
    this.config = entries.toArray(byte[][]::new);
  }

  /** The variables of a function with this configuration. */
  public static Environment of(String function, Map<String, String> config) {
    return new Environment(function, config);
  }

  /** The variable for a configuration key: {@code api-key} is {@code MILLRACE_CONFIG_API_KEY}. */
  static String configName(String key) {
    String upper = key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    return GuestAbi.ENV_PREFIX + CONFIG_PREFIX + upper;
  }

  @Override
  public byte[][] of(@Nullable Invocation invocation) {
    if (invocation == null) {
      return config;
    }
    List<byte[]> entries = new ArrayList<>(List.of(config));
    EventAttributes.all(invocation, function)
        .forEach((name, value) -> add(entries, GuestAbi.environmentName(name), value));
    byte[] key = invocation.event().key();
    String text = key == null ? null : GuestMemory.text(key);
    if (text != null) {
      add(entries, GuestAbi.environmentName("key"), text);
    }
    return entries.toArray(byte[][]::new);
  }

  private static void add(List<byte[]> entries, String name, String value) {
    if (value.indexOf('\0') < 0) {
      entries.add((name + "=" + value + "\0").getBytes(StandardCharsets.UTF_8));
    }
  }
}

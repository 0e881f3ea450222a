package dev.millrace.worker.wasm.host;

import dev.millrace.worker.wasm.files.GuestFiles;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a function's manifest entry comes to for its host functions: limits, configuration in bytes,
 * grants. Shared by all slots of a version. Immutable.
 */
public final class FunctionSettings {

  private final String name;
  private final byte[] argument;
  private final AbiSpec abiSpec;
  private final String export;
  private final Limits limits;
  private final Map<String, byte[]> config;
  private final Variables variables;
  private final boolean repliesByStdout;
  private final Grants grants;
  private final List<String> secrets;
  private final byte @Nullable [] script;
  private final GuestFiles files;
  private final boolean keepsScratch;

  /**
   * @param variables the environment variables of a guest of the ABI that was chosen
   * @param repliesByStdout whether standard output is the reply; it is part of the log otherwise
   * @param export the function that is called for each event
   * @param script what an interpreter runs; {@code null} for other guests
   * @param files what was granted, as it was read
   */
  public FunctionSettings(
      FunctionSpec spec,
      Variables variables,
      boolean repliesByStdout,
      String export,
      byte @Nullable [] script,
      GuestFiles files) {
    this.name = spec.name();
    this.argument = (name + "\0").getBytes(StandardCharsets.UTF_8);
    this.abiSpec = spec.abi();
    this.export = export;
    this.limits = spec.limits();
    Map<String, String> all = new HashMap<>(spec.config());
    all.putAll(spec.secrets());
    Map<String, byte[]> bytes = new HashMap<>();
    all.forEach((key, value) -> bytes.put(key, value.getBytes(StandardCharsets.UTF_8)));
    this.config = Map.copyOf(bytes);
    this.variables = variables;
    this.repliesByStdout = repliesByStdout;
    this.grants = spec.grants();
    this.secrets = spec.secrets().values().stream().filter(value -> !value.isEmpty()).toList();
    this.script = script;
    this.files = files;
    this.keepsScratch = spec.instance() == InstanceMode.REUSE;
  }

  /** The manifest's name for the function. */
  public String name() {
    return name;
  }

  /** Whether standard output is the reply; it is part of the log otherwise. */
  public boolean repliesByStdout() {
    return repliesByStdout;
  }

  /** What the manifest says of how the function is called. */
  public AbiSpec abiSpec() {
    return abiSpec;
  }

  /** The function that is called for each event. */
  public String export() {
    return export;
  }

  /** What one invocation may use. */
  public Limits limits() {
    return limits;
  }

  /** The one argument of a WASI program, its name, with the NUL that ends it. */
  public byte[] argument() {
    return argument;
  }

  /** Configuration and secrets; values are shared and not to be written to. */
  public Map<String, byte[]> config() {
    return config;
  }

  /** What an interpreter runs; shared and not to be written to. {@code null} for other guests. */
  byte @Nullable [] script() {
    return script;
  }

  /** The files that the guest may read. */
  GuestFiles files() {
    return files;
  }

  /** Whether an event finds what the one before it on the same instance wrote. */
  boolean keepsScratch() {
    return keepsScratch;
  }

  Variables variables() {
    return variables;
  }

  /** Whether the guest may claim keys. */
  boolean mayClaim() {
    return grants.once();
  }

  /** Whether the guest may use a key-value store. */
  boolean mayUseStore(String store) {
    return grants.keyValues().contains(store);
  }

  /** Where the guest may send HTTP requests. */
  public Set<HttpOrigin> http() {
    return grants.http();
  }

  /** Whether a grant covers a destination; {@code *} ends a prefix. */
  boolean mayPublishTo(String destination) {
    if (grants.publishTo().contains(destination)) {
      return true;
    }
    for (String grant : grants.publishTo()) {
      if (grant.endsWith("*") && destination.startsWith(grant.substring(0, grant.length() - 1))) {
        return true;
      }
    }
    return false;
  }

  /** The granted destination whose target is a topic: the first in the manifest's order. */
  public Optional<String> destination(String topic) {
    for (String grant : grants.publishTo()) {
      String connection = grant.substring(0, grant.indexOf('/') + 1);
      String target = grant.substring(connection.length());
      boolean prefix = target.endsWith("*");
      String fixed = prefix ? target.substring(0, target.length() - 1) : target;
      if (!connection.isEmpty() && (prefix ? topic.startsWith(fixed) : topic.equals(fixed))) {
        return Optional.of(connection + topic);
      }
    }
    return Optional.empty();
  }

  /** Text of the guest's without the function's secret values. */
  public String redacted(String text) {
    String result = text;
    for (String secret : secrets) {
      result = result.replace(secret, "[secret]");
    }
    return result;
  }

  /** The names of variables that two configuration keys would share. */
  public static List<String> collisions(FunctionSpec spec) {
    Map<String, String> keys = new HashMap<>();
    List<String> collisions = new ArrayList<>();
    Set<String> all = new TreeSet<>(spec.config().keySet());
    all.addAll(spec.secrets().keySet());
    for (String key : all) {
      String other = keys.putIfAbsent(Environment.configName(key), key);
      if (other != null) {
        collisions.add("'" + other + "' and '" + key + "'");
      }
    }
    return collisions;
  }
}

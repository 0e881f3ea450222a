package dev.millrace.worker.wasm.spec;

import dev.millrace.worker.wasm.module.Execution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A function as the manifest declares it, with its configuration resolved.
 *
 * @param name the manifest's name for it
 * @param program what it runs
 * @param abi how it is called
 * @param limits what one invocation may use
 * @param instance whether each event gets a pristine sandbox
 * @param concurrency invocations at once, at least 1
 * @param config what the guest can ask for by {@code config}
 * @param secrets the same for secret values, which never enter a version, a log or a dead letter
 * @param grants what the guest may reach
 * @param execution whether the module is compiled or interpreted
 */
public record FunctionSpec(
    String name,
    Program program,
    AbiSpec abi,
    Limits limits,
    InstanceMode instance,
    int concurrency,
    Map<String, String> config,
    Map<String, String> secrets,
    Grants grants,
    Execution execution) {

  /** The guest ABIs. */
  public enum AbiKind {
    /** A WASI program: data on stdin, reply on stdout, exit code. */
    COMMAND,
    /** The import module {@code millrace} and an export {@code handle}. */
    MILLRACE,
    /** An Extism plugin. */
    EXTISM,
    /** A Redpanda data transform. */
    REDPANDA,
    /** A function for Apache Camel's wasm component. */
    CAMEL,
    /** A processor for Redpanda Connect, formerly Benthos. */
    BENTHOS
  }

  /** What an event finds in its sandbox. */
  public enum InstanceMode {
    /** The state after initialization, whatever earlier events did. The default. */
    FRESH,
    /** What the earlier event on the same instance left behind. */
    REUSE
  }

  /** A module whose ABI is named or chosen by what it is, and the rest of it as usual. */
  public FunctionSpec(
      String name,
      Path module,
      Optional<AbiKind> abi,
      Limits limits,
      InstanceMode instance,
      int concurrency,
      Map<String, String> config,
      Map<String, String> secrets,
      Grants grants) {
    this(
        name,
        Program.module(module),
        abi.map(AbiSpec::of).orElse(AbiSpec.AUTO),
        limits,
        instance,
        concurrency,
        config,
        secrets,
        grants);
  }

  public FunctionSpec {
    config = Map.copyOf(config);
    secrets = Map.copyOf(secrets);
    if (concurrency < 1) {
      throw new IllegalArgumentException("function '" + name + "': concurrency must be >= 1");
    }
  }

  /** A function that is compiled. */
  public FunctionSpec(
      String name,
      Program program,
      AbiSpec abi,
      Limits limits,
      InstanceMode instance,
      int concurrency,
      Map<String, String> config,
      Map<String, String> secrets,
      Grants grants) {
    this(
        name,
        program,
        abi,
        limits,
        instance,
        concurrency,
        config,
        secrets,
        grants,
        Execution.COMPILER);
  }

  /**
   * The files and directories that a deployment of it depends on: its program, and what it is
   * granted to read, as far as that can be read now.
   */
  public List<Path> files() {
    List<Path> files = new ArrayList<>(program.files());
    files.addAll(grants.filePaths());
    return List.copyOf(files);
  }

  /** The same with another module. */
  public FunctionSpec withModule(Path file) {
    return new FunctionSpec(
        name,
        new Program(Optional.of(file), program.script()),
        abi,
        limits,
        instance,
        concurrency,
        config,
        secrets,
        grants,
        execution);
  }

  /** The same with other values for some keys of its configuration, secret ones included. */
  public FunctionSpec withConfig(Map<String, String> values) {
    Map<String, String> changed = new HashMap<>(config);
    changed.putAll(values);
    Map<String, String> stillSecret = new HashMap<>(secrets);
    stillSecret.keySet().removeAll(values.keySet());
    return new FunctionSpec(
        name, program, abi, limits, instance, concurrency, changed, stillSecret, grants, execution);
  }

  /** The same with other grants. */
  public FunctionSpec withGrants(Grants others) {
    return new FunctionSpec(
        name, program, abi, limits, instance, concurrency, config, secrets, others, execution);
  }

  /** Without the values of the secrets. */
  @Override
  public String toString() {
    return "FunctionSpec[name="
        + name
        + ", program="
        + program
        + ", abi="
        + abi
        + ", limits="
        + limits
        + ", instance="
        + instance
        + ", concurrency="
        + concurrency
        + ", config="
        + config
        + ", secrets="
        + secrets.keySet()
        + ", grants="
        + grants
        + ", execution="
        + execution
        + "]";
  }
}

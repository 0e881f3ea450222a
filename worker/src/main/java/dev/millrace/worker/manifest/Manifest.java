package dev.millrace.worker.manifest;

import dev.millrace.worker.dispatch.FunctionPolicy;
import dev.millrace.worker.store.PostgresAddress;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a worker runs. Maps keep the order of the file.
 *
 * @param file the file this was read from, absolute
 * @param app what the worker calls itself
 * @param store where it keeps its state
 * @param admin its HTTP endpoint
 * @param connections brokers by name
 * @param keyValues key-value stores for functions by name; one is named {@code default}
 * @param functions functions by name
 * @param functionPolicies how functions that fail are treated, by their names
 * @param builds how modules are made, by the names of their functions; not every function has one
 * @param triggers triggers by name; each names a function and a connection that are here
 * @param tests the tests of the functions, in the file's order
 * @param dev what {@code millrace dev} adds
 */
public record Manifest(
    Path file,
    App app,
    Store store,
    Admin admin,
    Map<String, Connection> connections,
    Map<String, KeyValueSpec> keyValues,
    Map<String, FunctionSpec> functions,
    Map<String, FunctionPolicy> functionPolicies,
    Map<String, BuildSpec> builds,
    Map<String, TriggerSpec> triggers,
    List<TestSpec> tests,
    Dev dev) {

  /**
   * What the worker calls itself.
   *
   * @param name part of the default consumer groups
   * @param timezone the zone of schedules that name none
   */
  public record App(String name, ZoneId timezone) {}

  /**
   * Where the worker keeps its state.
   *
   * @param path the SQLite file, absolute; with a database, only what lies beside it is used
   * @param durability whether what is kept outlives the worker's machine or container
   * @param database the PostgreSQL that is the store instead of the file
   */
  public record Store(Path path, Durability durability, Optional<PostgresAddress> database) {

    /** What the manifest says about the disk under the store. */
    public enum Durability {
      /** It may go with the machine or container. */
      NONE,
      /** Nothing is said; it is taken to stay. */
      ASSUMED,
      /** It stays: the manifest says so, or it is a PostgreSQL's. */
      DECLARED
    }

    /** A file of which nothing more is said. */
    public Store(Path path, boolean durable) {
      this(path, durable ? Durability.ASSUMED : Durability.NONE, Optional.empty());
    }

    /** Whether an event may be here alone that no source keeps any more. */
    public boolean durable() {
      return durability != Durability.NONE;
    }

    /** Whether an event is as safe here as with a broker that keeps it. */
    public boolean safeAsABroker() {
      return durability == Durability.DECLARED;
    }

    /** The same, kept in another file. */
    public Store at(Path file) {
      return new Store(file, durability, Optional.empty());
    }

    /** What people call it. */
    @Override
    public String toString() {
      return database.map(PostgresAddress::toString).orElseGet(path::toString);
    }
  }

  /**
   * The HTTP endpoint.
   *
   * @param host a name or an address, without brackets
   * @param port 0 to 65535, 0 for any free one
   * @param enabled whether there is an endpoint
   */
  public record Admin(String host, int port, boolean enabled) {}

  /**
   * What {@code millrace dev} adds.
   *
   * @param events messages to generate
   */
  public record Dev(List<FeedSpec> events) {
    public Dev {
      events = List.copyOf(events);
    }
  }

  public Manifest {
    connections = inOrder(connections);
    keyValues = inOrder(keyValues);
    functions = inOrder(functions);
    functionPolicies = inOrder(functionPolicies);
    builds = inOrder(builds);
    triggers = inOrder(triggers);
    tests = List.copyOf(tests);
  }

  /** The files beside it that have tests, too, as they are now. */
  public List<Path> testFiles() {
    return TestFile.beside(file);
  }

  /** The same with other brokers behind the connections. */
  public Manifest withConnections(Map<String, Connection> other) {
    return new Manifest(
        file,
        app,
        store,
        admin,
        other,
        keyValues,
        functions,
        functionPolicies,
        builds,
        triggers,
        tests,
        dev);
  }

  /** The same with its state elsewhere. */
  public Manifest withStore(Store other) {
    return new Manifest(
        file,
        app,
        other,
        admin,
        connections,
        keyValues,
        functions,
        functionPolicies,
        builds,
        triggers,
        tests,
        dev);
  }

  /** The same with another HTTP endpoint. */
  public Manifest withAdmin(Admin other) {
    return new Manifest(
        file,
        app,
        store,
        other,
        connections,
        keyValues,
        functions,
        functionPolicies,
        builds,
        triggers,
        tests,
        dev);
  }

  private static <V> Map<String, V> inOrder(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}

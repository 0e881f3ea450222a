package dev.millrace.worker.wasm.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a guest may reach beyond its event: nothing that is not here.
 *
 * @param publishTo the destinations that it may name, as {@code connection/target}; {@code *} ends
 *     a prefix; their order is kept
 * @param once whether it may claim keys by {@code once}
 * @param keyValues the names of the key-value stores that it may use
 * @param http where it may send HTTP requests
 * @param files the directories that it may read, by the paths under which it finds them
 */
public record Grants(
    Set<String> publishTo,
    boolean once,
    Set<String> keyValues,
    Set<HttpOrigin> http,
    Map<String, Path> files) {

  /** Granted directories with more files and directories in them, all together, are refused. */
  public static final int MAX_FILES = 10_000;

  /** Nothing. */
  public static final Grants NONE = new Grants(Set.of(), false);

  public Grants {
    publishTo = Collections.unmodifiableSet(new LinkedHashSet<>(publishTo));
    keyValues = Set.copyOf(keyValues);
    http = Set.copyOf(http);
    files = Map.copyOf(files);
  }

  /** May read no files. */
  public Grants(Set<String> publishTo, boolean once, Set<String> keyValues, Set<HttpOrigin> http) {
    this(publishTo, once, keyValues, http, Map.of());
  }

  /** May publish and perhaps claim keys, and nothing else. */
  public Grants(Set<String> publishTo, boolean once) {
    this(publishTo, once, Set.of(), Set.of());
  }

  /** May publish to these destinations and nothing else. */
  public static Grants publishTo(Set<String> destinations) {
    return new Grants(destinations, false);
  }

  /** Whether they let a guest ask somebody for whose answer it waits. */
  public boolean letWait() {
    return once || !keyValues.isEmpty() || !http.isEmpty();
  }

  /**
   * The paths that the content of the granted directories depends on, as far as they can be read.
   */
  List<Path> filePaths() {
    return files.values().stream().map(Grants::paths).flatMap(List::stream).toList();
  }

  private static List<Path> paths(Path directory) {
    try (Stream<Path> found = Files.walk(directory)) {
      return found.limit(MAX_FILES).toList();
    } catch (IOException | RuntimeException unreadable) {
      return List.of(directory);
    }
  }

  /** The same with these key-value stores. */
  public Grants withKeyValues(Set<String> stores) {
    return new Grants(publishTo, once, stores, http, files);
  }

  /** The same with these places for HTTP requests. */
  public Grants withHttp(Set<HttpOrigin> origins) {
    return new Grants(publishTo, once, keyValues, origins, files);
  }

  /** The same with these directories, by the guest's paths. */
  public Grants withFiles(Map<String, Path> directories) {
    return new Grants(publishTo, once, keyValues, http, directories);
  }
}

package dev.millrace.worker.wasm;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that the host offers to guests. */
final class HostCatalog {

  private static final Map<String, HostImport> BY_NAME =
      Stream.of(
              MillraceImports.all(),
              KeyValueImports.all(),
              HttpImports.all(),
              AnswerImports.all(),
              WasiImports.all())
          .flatMap(Collection::stream)
          .collect(Collectors.toUnmodifiableMap(HostImport::fullName, Function.identity()));

  private HostCatalog() {}

  static Optional<HostImport> find(String module, String name) {
    return Optional.ofNullable(BY_NAME.get(module + "." + name));
  }
}

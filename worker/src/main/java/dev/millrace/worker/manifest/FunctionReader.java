package dev.millrace.worker.manifest;

import dev.millrace.worker.wasm.AbiSpec;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.Grants;
import dev.millrace.worker.wasm.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code functions}. */
final class FunctionReader {

  private static final long PAGE = 64L << 10;
  private static final long MOST_MEMORY = 4L << 30;
  private static final long MOST_HTTP_BODY = 256L << 20;

  private final Path directory;
  private final Secrets secrets;
  private final GrantReader grants;
  private final ModuleCheck modules;

  FunctionReader(Path directory, Secrets secrets, GrantReader grants, ModuleCheck modules) {
    this.directory = directory;
    this.secrets = secrets;
    this.grants = grants;
    this.modules = modules;
  }

  Optional<FunctionSpec> read(Section section) {
    Map<String, String> config = new HashMap<>();
    Map<String, String> secretConfig = new HashMap<>();
    Section values = section.section("config");
    for (String key : values.keys()) {
      values.scalar(key).ifPresent(scalar -> config.put(key, scalar.text()));
      values
          .ifMap(key)
          .flatMap(secrets::resolve)
          .ifPresent(secret -> secretConfig.put(key, secret));
    }
    Limits limits = limits(section.section("limits"));
    Grants allowed = grants.read(section.section("allow"));
    int concurrency =
        section.number("concurrency").orElse(Runtime.getRuntime().availableProcessors());
    Optional<Path> module = module(section);
    if (module.isEmpty()) {
      return Optional.empty();
    }
    FunctionSpec spec =
        new FunctionSpec(
            section.name(),
            module.get(),
            abi(section),
            limits,
            section.choiceOrDefault("instance", InstanceMode.class),
            concurrency,
            config,
            secretConfig,
            allowed);
    if (Files.isReadable(spec.module())) {
      modules
          .problems(spec)
          .forEach(message -> section.report(Rule.MODULE, section.at("wasm"), message));
      modules
          .warnings(spec)
          .forEach(message -> section.report(Rule.UNGRANTED_IMPORT, section.at("wasm"), message));
    }
    return Optional.of(spec);
  }

  private static AbiSpec abi(Section section) {
    List<Integer> rejectCodes = section.numbers("reject_codes");
    return new AbiSpec(
        section.choice("abi", AbiKind.class),
        section.text("export"),
        rejectCodes.isEmpty() ? AbiSpec.AUTO.rejectCodes() : Set.copyOf(rejectCodes));
  }

  private Optional<Path> module(Section section) {
    Optional<String> wasm = section.text("wasm");
    if (wasm.isEmpty()) {
      return Optional.empty();
    }
    try {
      Path module = Paths.resolve(directory, wasm.get());
      if (!Files.isRegularFile(module) || !Files.isReadable(module)) {
        section.report(
            Rule.WASM_MISSING,
            section.at("wasm"),
            "module '" + wasm.get() + "' " + whyMissing(module));
      }
      return Optional.of(module);
    } catch (InvalidPathException e) {
      section.report(
          Rule.WASM_MISSING,
          section.at("wasm"),
          "'" + wasm.get() + "' is no path: " + e.getReason());
      return Optional.empty();
    }
  }

  private static String whyMissing(Path module) {
    if (Files.exists(module)) {
      return Files.isDirectory(module)
          ? "is a directory; name the file in it"
          : "cannot be read; check the permissions of " + module;
    }
    return "is not there"
        + Suggestion.nearest(module.getFileName().toString(), neighbours(module))
            .map(near -> "; did you mean '" + near + "'?")
            .orElse(" (" + module + "); build it, or correct the path");
  }

  private static List<String> neighbours(Path module) {
    try (Stream<Path> files = Files.list(module.getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".wasm"))
          .limit(100)
          .toList();
    } catch (IOException noDirectory) {
      return List.of();
    }
  }

  private static Limits limits(Section limits) {
    Duration timeout = limits.durationOrDefault("timeout");
    if (timeout.isZero()) {
      limits.reportKey(
          Rule.IMPOSSIBLE_LIMIT, "timeout", "is 0, in which no function ends; give it some time");
    }
    long memory = limits.bytes("memory", PAGE, MOST_MEMORY);
    if (memory % PAGE != 0) {
      limits.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          "memory",
          "is "
              + limits.textOrDefault("memory")
              + ", which is no multiple of 64Ki, a page of WebAssembly; write "
              + new DataSize((memory / PAGE + 1) * PAGE));
    }
    return new Limits(
        timeout,
        memory,
        (int) limits.bytes("input", 1, Integer.MAX_VALUE),
        (int) limits.bytes("output", 1, Integer.MAX_VALUE),
        (int) limits.bytes("log", 0, Integer.MAX_VALUE),
        (int) limits.bytes("http_body", 0, MOST_HTTP_BODY));
  }
}

package dev.millrace.worker.manifest;

import dev.millrace.worker.wasm.module.Execution;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
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

  private static final int WAITING_FOR_EACH_CORE = 8;

  private static final long PAGE = 64L << 10;
  private static final long MOST_MEMORY = 4L << 30;
  private static final long MOST_HTTP_BODY = 256L << 20;
  private static final long MOST_SCRATCH = 256L << 20;

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
    Grants allowed = grants.read(section.section("allow"), modules.expectsFiles());
    int concurrency = section.number("concurrency").orElse(usualConcurrency(allowed));
    Optional<Program> program = program(section);
    if (program.isEmpty()) {
      return Optional.empty();
    }
    FunctionSpec spec =
        new FunctionSpec(
            section.name(),
            program.get(),
            abi(section),
            limits,
            section.choiceOrDefault("instance", InstanceMode.class),
            concurrency,
            config,
            secretConfig,
            allowed,
            execution(section));
    if (spec.program().files().stream().allMatch(Files::isReadable)) {
      Position at = section.at(section.has("wasm") ? "wasm" : "script");
      modules.problems(spec).forEach(message -> section.report(Rule.MODULE, at, message));
      modules.warnings(spec).forEach(message -> section.report(Rule.UNGRANTED_IMPORT, at, message));
    }
    return Optional.of(spec);
  }

  /** As many as there are cores; more where most of them are waiting for others. */
  private static int usualConcurrency(Grants allowed) {
    int cores = Runtime.getRuntime().availableProcessors();
    return allowed.letWait() ? cores * WAITING_FOR_EACH_CORE : cores;
  }

  private static Execution execution(Section section) {
    Execution execution = section.choiceOrDefault("engine", Execution.class);
    if (execution == Execution.INTERPRETER) {
      section.reportKey(
          Rule.SLOW_ENGINE,
          "engine",
          "is the interpreter, which runs a module 70 to 110 times slower than the compiler; use it"
              + " only for one that cannot be compiled");
    }
    return execution;
  }

  private static AbiSpec abi(Section section) {
    List<Integer> rejectCodes = section.numbers("reject_codes");
    return new AbiSpec(
        section.choice("abi", AbiKind.class),
        section.text("export"),
        rejectCodes.isEmpty() ? AbiSpec.AUTO.rejectCodes() : Set.copyOf(rejectCodes));
  }

  private Optional<Program> program(Section section) {
    Optional<Path> module = file(section, "wasm", "module", ".wasm");
    Optional<Path> script = file(section, "script", "script", ".js");
    if (!section.has("wasm") && script.filter(file -> !isJavaScript(file)).isPresent()) {
      section.report(
          Rule.BAD_VALUE,
          section.at("script"),
          "script '"
              + script.get().getFileName()
              + "' is no .js or .mjs file; name the module that interprets it under 'wasm'");
    }
    boolean readable = module.isPresent() == section.has("wasm");
    return readable && (module.isPresent() || script.isPresent())
        ? Optional.of(new Program(module, script))
        : Optional.empty();
  }

  private static boolean isJavaScript(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".js") || name.endsWith(".mjs");
  }

  private Optional<Path> file(Section section, String key, String what, String suffix) {
    Optional<String> written = section.text(key);
    if (written.isEmpty()) {
      return Optional.empty();
    }
    try {
      Path file = Paths.resolve(directory, written.get());
      if (modules.expectsFiles() && (!Files.isRegularFile(file) || !Files.isReadable(file))) {
        boolean unbuilt = section.has("build") && !Files.exists(file);
        section.report(
            Rule.WASM_MISSING,
            section.at(key),
            what
                + " '"
                + written.get()
                + "' "
                + (unbuilt
                    ? "is not built yet; run 'millrace build " + section.name() + "'"
                    : whyMissing(file, suffix)));
      }
      return Optional.of(file);
    } catch (InvalidPathException e) {
      section.report(
          Rule.WASM_MISSING,
          section.at(key),
          "'" + written.get() + "' is no path: " + e.getReason());
      return Optional.empty();
    }
  }

  private static String whyMissing(Path file, String suffix) {
    if (Files.exists(file)) {
      return Files.isDirectory(file)
          ? "is a directory; name the file in it"
          : "cannot be read; check the permissions of " + file;
    }
    return "is not there"
        + Suggestion.nearest(file.getFileName().toString(), neighbours(file, suffix))
            .map(near -> "; did you mean '" + near + "'?")
            .orElse(" (" + file + "); build it, or correct the path");
  }

  private static List<String> neighbours(Path missing, String suffix) {
    try (Stream<Path> files = Files.list(missing.getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(suffix))
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
        maxDuration(limits, timeout),
        (int) limits.bytes("http_body", 0, MOST_HTTP_BODY),
        (int) limits.bytes("scratch", 0, MOST_SCRATCH));
  }

  private static Duration maxDuration(Section limits, Duration timeout) {
    Duration most = limits.duration("max_duration").orElse(timeout);
    if (most.compareTo(timeout) >= 0) {
      return most;
    }
    limits.reportKey(
        Rule.IMPOSSIBLE_LIMIT,
        "max_duration",
        "is "
            + limits.text("max_duration").orElseThrow()
            + ", shorter than limits.timeout ("
            + DurationText.format(timeout)
            + "), which heartbeats extend; raise one or lower the other");
    return timeout;
  }
}

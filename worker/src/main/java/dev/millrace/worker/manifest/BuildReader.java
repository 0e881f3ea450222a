package dev.millrace.worker.manifest;

import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/** Reads a function's {@code build}. */
final class BuildReader {

  private final Path manifestDirectory;

  BuildReader(Path manifestDirectory) {
    this.manifestDirectory = manifestDirectory;
  }

  Optional<BuildSpec> read(Section function) {
    return function.ifMap("build").flatMap(build -> read(function.name(), build));
  }

  private Optional<BuildSpec> read(String function, Section build) {
    Path directory = directory(build);
    List<String> watch = watch(build);
    return build.text("command").map(command -> new BuildSpec(function, command, directory, watch));
  }

  private Path directory(Section build) {
    String text = build.textOrDefault("workdir");
    try {
      Path directory = Paths.resolve(manifestDirectory, text);
      if (!Files.isDirectory(directory)) {
        build.reportKey(Rule.BAD_VALUE, "workdir", "is '" + text + "', which is no directory");
      }
      return directory;
    } catch (InvalidPathException e) {
      build.reportKey(
          Rule.BAD_VALUE, "workdir", "is '" + text + "', which is no path: " + e.getReason());
      return manifestDirectory;
    }
  }

  private static List<String> watch(Section build) {
    List<String> globs = new ArrayList<>();
    for (Node.Scalar scalar : build.scalars("watch")) {
      try {
        FileSystems.getDefault().getPathMatcher("glob:" + scalar.text());
        globs.add(scalar.text());
      } catch (PatternSyntaxException noGlob) {
        build.report(
            Rule.BAD_PATTERN, scalar.position(), "build.watch: '" + scalar.text() + "' is no glob");
      }
    }
    return globs;
  }
}

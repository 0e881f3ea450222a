package dev.millrace.worker.manifest;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code allow.files}, the directories that a function may read. */
final class FileGrantReader {

  private static final String SCRATCH = "/tmp";

  private final Path directory;

  FileGrantReader(Path directory) {
    this.directory = directory;
  }

  /**
   * Directories by the guest's paths.
   *
   * @param expected whether one that is not there is a problem
   */
  Map<String, Path> read(Section allow, boolean expected) {
    Map<String, Path> granted = new LinkedHashMap<>();
    Section files = allow.section("files");
    for (Map.Entry<String, String> each : allow.textMap("files").entrySet()) {
      String guestPath = each.getKey();
      Optional<String> wrong = wrongGuestPath(guestPath, granted.keySet());
      if (wrong.isPresent()) {
        report(files, guestPath, guestPath, wrong.get());
      } else {
        resolve(files, guestPath, each.getValue(), expected)
            .ifPresent(host -> granted.put(guestPath, host));
      }
    }
    return granted;
  }

  private Optional<Path> resolve(
      Section files, String guestPath, String written, boolean expected) {
    try {
      Path host = Paths.resolve(directory, written);
      if (expected && !Files.isDirectory(host)) {
        report(files, guestPath, written, "is no directory; make it, or correct the path");
      }
      return Optional.of(host);
    } catch (InvalidPathException e) {
      report(files, guestPath, written, "is no path: " + e.getReason());
      return Optional.empty();
    }
  }

  private static void report(Section files, String key, String what, String message) {
    files.report(Rule.BAD_FILES, files.at(key), "'" + what + "' " + message);
  }

  private static Optional<String> wrongGuestPath(String path, Set<String> others) {
    List<String> steps = List.of(path.split("/", -1));
    if (!path.startsWith("/") || !steps.stream().skip(1).allMatch(FileGrantReader::isName)) {
      return Optional.of("is no absolute path for the guest; write it as /data");
    }
    if (within(path, SCRATCH)) {
      return Optional.of("is in /tmp, the scratch directory; take another path");
    }
    return others.stream()
        .filter(other -> within(path, other) || within(other, path))
        .findFirst()
        .map(other -> "overlaps with '" + other + "'; grant directories that are apart");
  }

  private static boolean isName(String step) {
    return !step.isEmpty() && !step.equals(".") && !step.equals("..") && step.indexOf('\0') < 0;
  }

  private static boolean within(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }
}

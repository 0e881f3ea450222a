package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.EditRefusedException;
import dev.millrace.worker.manifest.ManifestEdit;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.manifest.Problem;
import dev.millrace.worker.manifest.Rule;
import dev.millrace.worker.manifest.Severity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The manifest that {@code millrace add} adds to: nothing of it is written before it is right. */
final class EditedManifest {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description = "The manifest, or a directory with a millrace.yaml. Default: ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Option(names = "--dry-run", description = "Write nothing; print what would be added.")
  private boolean dryRun;

  private final List<ManifestEdit.Added> added = new ArrayList<>();
  private List<Problem> before = List.of();
  private @Nullable ManifestEdit edit;

  boolean dryRun() {
    return dryRun;
  }

  Path file() {
    return Files.isDirectory(manifest) ? manifest.resolve(ManifestReader.FILE_NAME) : manifest;
  }

  Path directory() {
    return file().toAbsolutePath().normalize().getParent();
  }

  /**
   * Reads it. What is wrong with it does not matter as long as it is YAML.
   *
   * @throws CommandException if it cannot be read
   */
  void read() throws IOException {
    before = reader().read(file()).problems();
    List<Problem> unreadable =
        before.stream()
            .filter(each -> each.rule() == Rule.UNREADABLE || each.rule() == Rule.SYNTAX)
            .toList();
    if (!unreadable.isEmpty()) {
      throw new CommandException(ExitCodes.MANIFEST_INVALID, ManifestLoader.render(unreadable));
    }
    try {
      edit = ManifestEdit.of(file().toString(), Files.readString(file()));
    } catch (EditRefusedException e) {
      throw refused(e);
    }
  }

  /** The names of a section's entries that have a key. */
  List<String> named(String section, String key) {
    return edit().named(section, key);
  }

  /**
   * Adds an entry, in memory.
   *
   * @throws CommandException if that cannot be
   */
  void add(String section, String name, String body) {
    try {
      ManifestEdit.Added step = edit().add(section, name, body);
      added.add(step);
      edit = step.manifest();
    } catch (EditRefusedException e) {
      throw refused(e);
    }
  }

  /**
   * Reads the result as {@code lint} would.
   *
   * @throws CommandException with the errors that were not there before
   */
  void check() {
    ManifestResult result = reader().read(file(), edit().text());
    Set<String> known = before.stream().map(EditedManifest::matter).collect(Collectors.toSet());
    List<Problem> fresh =
        result.problems().stream()
            .filter(each -> !known.contains(matter(each)) && each.rule() != Rule.UNUSED_FUNCTION)
            .toList();
    if (fresh.stream().anyMatch(each -> each.severity() == Severity.ERROR)) {
      throw new CommandException(
          ExitCodes.MANIFEST_INVALID,
          ManifestLoader.render(fresh) + "\nnothing is written: this would be new in " + file());
    }
    PrintWriter err = spec.commandLine().getErr();
    fresh.forEach(each -> err.println(each.render()));
    err.flush();
  }

  /** Writes the file, all of it or nothing; with {@code --dry-run} prints what it would be. */
  void write() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun) {
      out.println("--- " + file());
      out.println("+++ " + file());
      added.forEach(each -> out.print(each.diff()));
      out.flush();
      return;
    }
    Path real = file().toRealPath();
    Path whole = Files.createTempFile(real.getParent(), ".millrace-", ".yaml");
    try {
      Files.writeString(whole, edit().text());
      if (Files.getFileAttributeView(real, PosixFileAttributeView.class) != null) {
        Files.setPosixFilePermissions(whole, EnumSet.copyOf(Files.getPosixFilePermissions(real)));
      }
      Files.move(whole, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private ManifestEdit edit() {
    if (edit == null) {
      throw new IllegalStateException("read it first");
    }
    return edit;
  }

  private static ManifestReader reader() {
    return ManifestReader.of(System.getenv()).withModuleCheck(ModuleCheck.UNBUILT);
  }

  /**
   * A problem without what comes after the fact: a list of names, which an addition makes longer.
   */
  private static String matter(Problem problem) {
    return problem.rule() + " " + problem.message().replaceFirst("(?s);.*", "");
  }

  private static CommandException refused(EditRefusedException e) {
    return new CommandException(ExitCodes.REFUSED, String.valueOf(e.getMessage()));
  }
}

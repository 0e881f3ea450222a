package dev.millrace.worker.cli;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace dlq edit}. */
@Command(
    name = "edit",
    description = {
      "Changes the data of a dead letter's event, in an editor ($VISUAL or $EDITOR) or from a file.",
      "The event as it was received stays beside it: 'dlq show' tells both. A replay takes the edited"
          + " one."
    })
final class DlqEditCommand implements Callable<Integer> {

  private static final byte[] NOTHING = new byte[0];

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Parameters(paramLabel = "LETTER", description = "A number, an id, or the start of an id.")
  private String reference = "";

  @Option(
      names = "--data-file",
      paramLabel = "FILE",
      description = "The new data, - for stdin, instead of an editor.")
  private @Nullable String dataFile;

  @Override
  public Integer call() throws IOException {
    try (StoreView view = store.open()) {
      DeadLetters.Stored stored = StoreAccess.require(view.deadLetters(), reference);
      DetachedEvent event = stored.letter().event();
      byte[] before = event.data() == null ? NOTHING : event.data();
      byte[] after = dataFile == null ? inEditor(before) : Input.read(dataFile);
      boolean changed = !Arrays.equals(before, after);
      if (changed) {
        change(view.deadLetters(), stored.letter().id(), withData(event, after));
      }
      output.document(
          changed ? stored.letter().id() + " edited" : "nothing changed",
          Map.of("id", stored.letter().id(), "edited", changed));
    }
    return ExitCodes.DONE;
  }

  private static void change(DeadLetters letters, String id, DetachedEvent edited) {
    if (!StoreAccess.await(letters.edit(id, edited))) {
      throw new CommandException(
          ExitCodes.REFUSED,
          "dead letter '"
              + id
              + "' is being replayed, or has gone; edit it when that is over ('millrace dlq ls')");
    }
  }

  private static DetachedEvent withData(DetachedEvent event, byte[] data) {
    return new DetachedEvent(
        event.id(),
        event.source(),
        event.type(),
        event.subject(),
        event.time(),
        event.dataContentType(),
        event.dataSchema(),
        event.extensions(),
        event.key(),
        event.headers(),
        data);
  }

  private static byte[] inEditor(byte[] before) throws IOException {
    String editor =
        Stream.of("VISUAL", "EDITOR")
            .map(System.getenv()::get)
            .flatMap(name -> Optional.ofNullable(name).stream())
            .filter(name -> !name.isBlank())
            .findFirst()
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitCodes.USAGE, "no editor: set EDITOR, or give --data-file"));
    Path file = Files.createTempFile("millrace-edit", ".data", ownerOnly());
    try {
      Files.write(file, before);
      run(editor, file);
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** By a shell, since the variable may have arguments in it. */
  private static void run(String editor, Path file) throws IOException {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", editor + " \"$1\"", "edit", file.toString())
            .inheritIO()
            .start();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new CommandException(
            ExitCodes.REFUSED,
            "'" + editor + "' ended with exit code " + code + "; nothing changed");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCodes.REFUSED, "interrupted; nothing changed");
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    boolean posix = Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}

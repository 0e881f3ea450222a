package dev.millrace.worker.wasm.files;

import dev.millrace.worker.wasm.files.FileNode.Directory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Where a guest's path leads, from a directory that it has open and never out of it.
 *
 * @param parent the directory that holds it, or would
 * @param name its name there; empty if the path leads to a directory that was passed on the way
 * @param directory whether the path says, by a slash at its end, that it is a directory
 * @param node what is there; {@code null} if nothing is
 */
public record Place(Directory parent, String name, boolean directory, @Nullable FileNode node) {

  /** Longest name, in bytes. */
  static final int NAME_LIMIT_BYTES = 255;

  /** Follows a path. There are no symbolic links. */
  public static Place find(Directory from, String path) throws FileRefusal {
    check(path);
    String[] steps = withoutSlashesAtEnd(path).split("/", -1);
    ArrayDeque<Directory> way = new ArrayDeque<>();
    way.push(from);
    for (int i = 0; i < steps.length; i++) {
      String step = steps[i];
      if (step.equals("..")) {
        way.pop();
        refuseIf(way.isEmpty(), Errno.PERM);
      } else if (!step.isEmpty() && !step.equals(".")) {
        refuseIf(
            step.getBytes(StandardCharsets.UTF_8).length > NAME_LIMIT_BYTES, Errno.NAMETOOLONG);
        FileNode next = way.element().entries().get(step);
        if (i == steps.length - 1) {
          return last(way.element(), step, path.endsWith("/"), next);
        }
        way.push(directory(next));
      }
    }
    return new Place(way.element(), "", true, way.element());
  }

  /** What is there. */
  public FileNode present() throws FileRefusal {
    if (node == null) {
      throw new FileRefusal(Errno.NOENT);
    }
    return node;
  }

  /**
   * The scratch directory in which the name can be given to something, or taken away.
   *
   * @throws FileRefusal also if the path has no name at its end, as {@code "a/.."}
   */
  public Scratch writable() throws FileRefusal {
    Scratch scratch = parent.writable();
    refuseIf(name.isEmpty(), Errno.INVAL);
    refuseIf(parent.removed(), Errno.NOENT);
    return scratch;
  }

  private static Place last(
      Directory parent, String name, boolean directory, @Nullable FileNode node)
      throws FileRefusal {
    refuseIf(directory && node != null && !(node instanceof Directory), Errno.NOTDIR);
    return new Place(parent, name, directory, node);
  }

  private static Directory directory(@Nullable FileNode node) throws FileRefusal {
    refuseIf(node == null, Errno.NOENT);
    if (node instanceof Directory directory) {
      return directory;
    }
    throw new FileRefusal(Errno.NOTDIR);
  }

  private static void check(String path) throws FileRefusal {
    refuseIf(path.isEmpty(), Errno.NOENT);
    refuseIf(path.indexOf('\0') >= 0, Errno.INVAL);
    refuseIf(path.startsWith("/"), Errno.PERM);
  }

  private static String withoutSlashesAtEnd(String text) {
    int end = text.length();
    while (text.charAt(end - 1) == '/') {
      end--;
    }
    return text.substring(0, end);
  }

  private static void refuseIf(boolean wrong, int errno) throws FileRefusal {
    if (wrong) {
      throw new FileRefusal(errno);
    }
  }
}

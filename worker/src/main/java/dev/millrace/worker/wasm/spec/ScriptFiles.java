package dev.millrace.worker.wasm.spec;

import dev.millrace.worker.wasm.module.ModuleFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A script and the files that it imports, which have to lie in its directory or below. They are
 * collected when a function is deployed, so that its version stands for all of them and nothing is
 * read while events run.
 *
 * <p>Every text such as {@code './name.js'} counts as an import, wherever it stands: that finds too
 * many files rather than too few, without a parser. Which of them are imported, and where one is
 * missing, the interpreter says.
 *
 * @param contents the files' bytes by their path from the script's directory, the script first; not
 *     copied
 */
public record ScriptFiles(Map<String, byte[]> contents) {

  /** Scripts beyond this size, all files together, are refused. */
  static final long MAX_BYTES = 16L << 20;

  private static final Pattern IMPORT =
      Pattern.compile("(['\"`])(\\.\\.?/[^'\"`\\\\\\r\\n]+\\.m?js)\\1");

  /** Reads a script and what it imports. */
  public static ScriptFiles read(Path script) throws ModuleFile.UnreadableException {
    Search search = new Search(script);
    try {
      search.run();
    } catch (NoSuchFileException e) {
      throw new ModuleFile.UnreadableException(
          e.getFile() + " does not exist; write it or correct 'script:'", e);
    } catch (IOException e) {
      throw new ModuleFile.UnreadableException(script + " cannot be read (" + e + ")", e);
    }
    if (search.bytes > MAX_BYTES) {
      throw new ModuleFile.UnreadableException(
          script
              + " and its imports have more than the "
              + MAX_BYTES
              + " bytes that a script may have");
    }
    return new ScriptFiles(search.contents());
  }

  /** The paths of the same files, as far as they can be read. */
  static List<Path> paths(Path script) {
    Search search = new Search(script);
    try {
      search.run();
    } catch (IOException unreadable) {
      // What was found up to here is what there is to look at.
    }
    return search.paths();
  }

  /** Goes from the script to what it imports and on, until nothing is new or all is too much. */
  private static final class Search {
    private final Path main;
    private final Path directory;
    private final Map<Path, byte[]> found = new LinkedHashMap<>();
    private final ArrayDeque<Path> open = new ArrayDeque<>();
    private long bytes;

    Search(Path script) {
      this.main = script.toAbsolutePath().normalize();
      this.directory = main.getParent();
    }

    void run() throws IOException {
      Path real = directory.toRealPath();
      found.put(main, new byte[0]);
      open.add(main);
      while (!open.isEmpty() && bytes <= MAX_BYTES) {
        Path file = open.remove();
        bytes += Files.size(file);
        if (bytes <= MAX_BYTES) {
          byte[] content = Files.readAllBytes(file);
          found.put(file, content);
          follow(file, content, real);
        }
      }
    }

    /** A path that leads out of the directory, by dots or by a link, is not followed. */
    private void follow(Path file, byte[] content, Path real) throws IOException {
      Matcher imports = IMPORT.matcher(new String(content, StandardCharsets.UTF_8));
      while (imports.find()) {
        Path target = resolve(file, imports.group(2));
        if (target.startsWith(directory)
            && !found.containsKey(target)
            && Files.isRegularFile(target)
            && target.toRealPath().startsWith(real)) {
          found.put(target, new byte[0]);
          open.add(target);
        }
      }
    }

    private static Path resolve(Path file, String name) {
      try {
        return file.resolveSibling(name).normalize();
      } catch (InvalidPathException noPath) {
        return file.getRoot();
      }
    }

    List<Path> paths() {
      return found.isEmpty() ? List.of(main) : new ArrayList<>(found.keySet());
    }

    /** In one order whichever way they were found, so that a version's digest is one. */
    Map<String, byte[]> contents() {
      Map<String, byte[]> sorted = new TreeMap<>();
      found.forEach((file, content) -> sorted.put(name(file), content));
      Map<String, byte[]> contents = new LinkedHashMap<>();
      contents.put(name(main), sorted.remove(name(main)));
      contents.putAll(sorted);
      return contents;
    }

    private String name(Path file) {
      return directory.relativize(file).toString().replace('\\', '/');
    }
  }
}

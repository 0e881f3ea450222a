package dev.millrace.worker.dev;

import dev.millrace.worker.manifest.BuildSpec;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files that a build's globs name. Only below the part of a glob that is no pattern is looked;
 * hidden directories and those that tools fill are passed over, unless that part names them.
 */
final class SourceFiles {

  private static final Set<String> FILLED_BY_TOOLS = Set.of("target", "node_modules");

  /** Beyond that many a look would take too long to be taken twice a second. */
  private static final int MOST_FILES = 10_000;

  private SourceFiles() {}

  /** The files that are there now. */
  static Set<Path> of(BuildSpec build) {
    Set<Path> found = new TreeSet<>();
    for (String glob : build.watch()) {
      find(build.directory(), glob, found);
    }
    return found;
  }

  private static void find(Path directory, String glob, Set<Path> found) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
    // "**/" stands for no directory, too, as everybody expects who knows it from elsewhere.
    PathMatcher shorter =
        FileSystems.getDefault().getPathMatcher("glob:" + glob.replaceFirst("^\\*\\*/", ""));
    Path start = directory.resolve(literalPart(glob));
    try {
      Files.walkFileTree(
          start,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
              String name = at.getFileName() == null ? "" : at.getFileName().toString();
              boolean passed = name.startsWith(".") || FILLED_BY_TOOLS.contains(name);
              return passed && !at.equals(start)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              Path relative = directory.relativize(file);
              if (matcher.matches(relative) || shorter.matches(relative)) {
                found.add(file);
              }
              return found.size() < MOST_FILES
                  ? FileVisitResult.CONTINUE
                  : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException unreadable) {
      // What cannot be read cannot be built either; the build will say so.
    }
  }

  /** The directories before the first pattern; all of it if there is none. */
  private static String literalPart(String glob) {
    int pattern = 0;
    while (pattern < glob.length() && "*?[{\\".indexOf(glob.charAt(pattern)) < 0) {
      pattern++;
    }
    if (pattern == glob.length()) {
      return glob;
    }
    int end = glob.lastIndexOf('/', pattern);
    return end < 0 ? "" : glob.substring(0, end);
  }
}

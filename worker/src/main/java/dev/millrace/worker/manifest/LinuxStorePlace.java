package dev.millrace.worker.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells by Linux's mount table where a path really is: in memory, in a directory that is emptied,
 * or on a container's own disk. On other systems it knows of no risk.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">mountinfo</a>
 */
final class LinuxStorePlace implements StorePlace {

  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs");

  private final List<Mount> mounts;
  private final boolean container;

  /**
   * @param mountinfo the lines of {@code /proc/self/mountinfo}
   * @param container whether this process runs in a container
   */
  LinuxStorePlace(List<String> mountinfo, boolean container) {
    this.mounts = mountinfo.stream().flatMap(line -> Mount.parse(line).stream()).toList();
    this.container = container;
  }

  /** What this process sees. */
  static StorePlace ofThisProcess() {
    List<String> mountinfo = lines(Path.of("/proc/self/mountinfo"));
    boolean container =
        Files.exists(Path.of("/.dockerenv"))
            || Files.exists(Path.of("/run/.containerenv"))
            || lines(Path.of("/proc/1/cgroup")).stream()
                .anyMatch(line -> line.matches(".*(docker|kubepods|containerd|libpod).*"));
    return new LinuxStorePlace(mountinfo, container);
  }

  @Override
  public Optional<String> risk(Path path) {
    Path real = real(path);
    Optional<Mount> mount =
        mounts.stream()
            .filter(candidate -> real.startsWith(candidate.point()))
            // of two at one point the later one covers the earlier
            .reduce((a, b) -> b.point().getNameCount() >= a.point().getNameCount() ? b : a);
    if (mount.isPresent() && IN_MEMORY.contains(mount.get().type())) {
      return Optional.of(
          "is in memory (" + mount.get().type() + " at " + mount.get().point() + ")");
    }
    if (container && mount.isPresent() && mount.get().point().getNameCount() == 0) {
      return Optional.of("is on the container's own disk, which goes with the container");
    }
    return real.startsWith("/tmp")
        ? Optional.of("is under /tmp, which is emptied when the machine starts")
        : Optional.empty();
  }

  /** The path with its links followed, as far as it is there. */
  private static Path real(Path path) {
    for (Path above = path; above != null; above = above.getParent()) {
      try {
        return above.toRealPath().resolve(above.relativize(path)).normalize();
      } catch (IOException notThere) {
        // its parent may be
      }
    }
    return path;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  private record Mount(Path point, String type) {

    private static final Pattern SEPARATOR = Pattern.compile(" - ");

    static Optional<Mount> parse(String line) {
      String[] halves = SEPARATOR.split(line, 2);
      String[] fields = halves[0].split(" ", -1);
      if (halves.length < 2 || fields.length < 5) {
        return Optional.empty();
      }
      return Optional.of(
          new Mount(Path.of(fields[4].replace("\\040", " ")), halves[1].split(" ", 2)[0]));
    }
  }
}

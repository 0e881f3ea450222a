package dev.millrace.worker.wasm.files;

import dev.millrace.worker.wasm.files.FileNode.Directory;
import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.module.Sha256;
import dev.millrace.worker.wasm.spec.Grants;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The directories that a function may read, as they were when it was deployed. While events run no
 * file of the host's is touched, a version stands for what its guest reads, and a recorded attempt
 * finds the same files again. Immutable.
 *
 * @param roots in the order of their paths
 * @param digest a SHA-256 in hex over paths and contents
 */
public record GuestFiles(List<Root> roots, String digest) {

  /** No files at all. */
  public static final GuestFiles NONE = new GuestFiles(List.of(), "");

  /** Directories beyond this size, all of a function's together, are refused. */
  static final long MAX_BYTES = 64L << 20;

  /** What Kubernetes puts beside the files of a volume, to change them all at once. */
  private static final String PASSED_OVER = "..";

  /** One granted directory, and where the guest finds it. */
  record Root(String guestPath, Directory directory) {}

  public GuestFiles {
    roots = List.copyOf(roots);
  }

  /**
   * Reads directories.
   *
   * @param granted directories by the guest's paths
   */
  public static GuestFiles read(Map<String, Path> granted) throws ModuleFile.UnreadableException {
    if (granted.isEmpty()) {
      return NONE;
    }
    Reading reading = new Reading();
    List<Root> roots = new ArrayList<>();
    for (Map.Entry<String, Path> each : new TreeMap<>(granted).entrySet()) {
      try {
        roots.add(new Root(each.getKey(), reading.root(each.getKey(), each.getValue())));
      } catch (IOException e) {
        throw new ModuleFile.UnreadableException(
            each.getValue() + ", granted as " + each.getKey() + ", cannot be read (" + e + ")", e);
      }
    }
    return new GuestFiles(roots, reading.hex());
  }

  /** Reads directories one after the other, and counts and digests what it reads. */
  private static final class Reading {
    private final MessageDigest digest = Sha256.begin();
    private final Deque<Path> way = new ArrayDeque<>();
    private long bytes;
    private int nodes;

    Directory root(String guestPath, Path host) throws IOException {
      Path real = host.toRealPath();
      return directory(guestPath, real, real);
    }

    String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }

    private Directory directory(String guestPath, Path host, Path root) throws IOException {
      if (way.contains(host)) {
        throw new IOException(guestPath + " is a link to a directory that it is in");
      }
      way.push(host);
      Directory directory = new Directory(count(), null);
      note('d', guestPath, new byte[0]);
      for (Map.Entry<String, Path> entry : list(host).entrySet()) {
        String name = entry.getKey();
        directory.entries().put(name, node(guestPath + "/" + name, entry.getValue(), root));
      }
      way.pop();
      return directory.sealed();
    }

    private static Map<String, Path> list(Path directory) throws IOException {
      Map<String, Path> names = new TreeMap<>();
      try (Stream<Path> found = Files.list(directory)) {
        found
            .limit(Grants.MAX_FILES + 1L)
            .forEach(path -> names.put(path.getFileName().toString(), path));
      }
      names.keySet().removeIf(name -> name.startsWith(PASSED_OVER));
      return names;
    }

    private FileNode node(String guestPath, Path host, Path root) throws IOException {
      Path real = host.toRealPath();
      if (!real.startsWith(root)) {
        throw new IOException(host + " is a link that leads out of the directory; remove it");
      }
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        return directory(guestPath, real, root);
      }
      if (!attributes.isRegularFile()) {
        throw new IOException(host + " is no file and no directory; remove it");
      }
      byte[] content = content(real);
      note('f', guestPath, content);
      return new FileNode.Regular(count(), null, content);
    }

    private byte[] content(Path file) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] content = in.readNBytes((int) (MAX_BYTES - bytes) + 1);
        bytes += content.length;
        if (bytes > MAX_BYTES) {
          throw new IOException("there are more than " + MAX_BYTES + " bytes; grant less");
        }
        return content;
      }
    }

    private int count() throws IOException {
      if (++nodes > Grants.MAX_FILES) {
        throw new IOException("there are more than " + Grants.MAX_FILES + " files; grant less");
      }
      return nodes;
    }

    private void note(char kind, String guestPath, byte[] content) {
      digest.update((kind + guestPath + '\0').getBytes(StandardCharsets.UTF_8));
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(content.length).array());
      digest.update(content);
    }
  }
}

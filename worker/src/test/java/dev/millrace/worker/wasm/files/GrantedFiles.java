package dev.millrace.worker.wasm.files;

import dev.millrace.worker.wasm.files.FileNode.Directory;
import dev.millrace.worker.wasm.files.FileNode.Regular;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Granted files for tests that have none on disk. */
public final class GrantedFiles {

  private GrantedFiles() {}

  /** {@code /data} with a file {@code a}, {@code hello}, and an empty one {@code d/f}. */
  public static GuestFiles small() {
    Directory data = new Directory(1, null);
    data.entries().put("a", new Regular(2, null, "hello".getBytes(StandardCharsets.UTF_8)));
    Directory inner = new Directory(3, null);
    inner.entries().put("f", new Regular(4, null, new byte[0]));
    data.entries().put("d", inner.sealed());
    return new GuestFiles(List.of(new GuestFiles.Root("/data", data.sealed())), "digest");
  }
}

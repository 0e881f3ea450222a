package dev.millrace.worker.manifest;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Names this worker among the replicas of its manifest: by the host and the store. Two workers
 * never share a store, so that the name is theirs alone on a host; it is the same after a restart,
 * as far as the host's name is.
 *
 * @param environment where the host's name may stand, as {@code HOSTNAME}
 */
record ReplicaName(Map<String, String> environment) {

  String of(Path store) {
    CRC32 digest = new CRC32();
    digest.update(store.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
    return host() + "-%08x".formatted(digest.getValue());
  }

  private String host() {
    String named = environment.get("HOSTNAME");
    if (named != null && !named.isBlank()) {
      return named.strip();
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}

package dev.millrace.worker.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A directory with a manifest, the files it names, and an environment. */
final class Manifests {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final byte[] EMPTY_MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  final Path directory;
  final Map<String, String> environment = new HashMap<>();
  ModuleCheck modules = ModuleCheck.NONE;
  StorePlace disk = path -> Optional.empty();

  Manifests(Path directory) {
    this.directory = directory;
    environment.put("STRIPE_KEY", "rediss://:s3cret@cache.example:6380");
    environment.put("REDIS", "redis://localhost:6379/2");
    write("charge.wasm", EMPTY_MODULE);
    write("tidy.wasm", EMPTY_MODULE);
    directory.resolve("charge").toFile().mkdirs();
    directory.resolve("prices").toFile().mkdirs();
    write("ca.pem", new byte[0]);
    write("jaas.txt", "jaas value\n".getBytes(StandardCharsets.UTF_8));
  }

  /** The manifest that uses every key there is. */
  static String whole() {
    try (InputStream in = Manifests.class.getResourceAsStream("whole.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Manifests write(String name, byte[] content) {
    try {
      Files.write(directory.resolve(name), content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ManifestResult read(byte[] manifest) {
    write(ManifestReader.FILE_NAME, manifest);
    return new ManifestReader(environment, modules, disk, () -> NOW).read(directory);
  }

  ManifestResult read(String manifest) {
    return read(manifest.getBytes(StandardCharsets.UTF_8));
  }

  /** What came of it, without the directory's name. */
  List<String> rendered(String manifest) {
    return rendered(read(manifest));
  }

  List<String> rendered(ManifestResult result) {
    return result.problems().stream()
        .map(
            problem ->
                problem.render().replace(directory + "/", "").replace(directory.toString(), "."))
        .toList();
  }

  /** The manifest; its errors, if it has some, as an assertion. */
  Manifest load(String manifest) {
    ManifestResult result = read(manifest);
    if (result instanceof ManifestResult.Loaded loaded) {
      return loaded.manifest();
    }
    throw new AssertionError(String.join("\n", rendered(result)));
  }
}

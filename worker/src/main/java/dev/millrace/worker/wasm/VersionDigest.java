package dev.millrace.worker.wasm;

import dev.millrace.worker.wasm.files.GuestFiles;
import dev.millrace.worker.wasm.module.Sha256;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The name of a function version: a SHA-256 over the digest of the module and its script, the files
 * that it is granted, the ABI and the function's configuration in one order, each item preceded by
 * its length. The names of secrets are part of it, their values are not.
 */
final class VersionDigest {

  private final MessageDigest digest = Sha256.begin();

  private VersionDigest() {}

  /**
   * A version's name.
   *
   * @param code the digest of module and script
   */
  static String of(String code, FunctionSpec spec, AbiKind abi, GuestFiles files) {
    VersionDigest version = new VersionDigest();
    version.add(code);
    version.add(spec.name());
    version.add(abi.name());
    version.add(spec.abi().export().orElse(""));
    version.add(spec.abi().orderedRejectCodes().toString());
    version.add(spec.instance().name());
    version.add(spec.execution().name());
    version.add(Integer.toString(spec.concurrency()));
    Limits limits = spec.limits();
    version.add(limits.timeout().toString());
    version.add(Long.toString(limits.memoryBytes()));
    version.add(Integer.toString(limits.inputBytes()));
    version.add(Integer.toString(limits.outputBytes()));
    version.add(Integer.toString(limits.logBytes()));
    version.add(limits.maxDuration().toString());
    version.add(Integer.toString(limits.httpBodyBytes()));
    version.add(Integer.toString(limits.scratchBytes()));
    TreeMap<String, String> config = new TreeMap<>(spec.config());
    version.addAll(config.keySet());
    version.addAll(config.values());
    version.addAll(new TreeSet<>(spec.secrets().keySet()));
    version.addAll(spec.grants().publishTo()); // in their order, which guests can see
    version.add(Boolean.toString(spec.grants().once()));
    version.addAll(new TreeSet<>(spec.grants().keyValues()));
    version.addAll(
        spec.grants().http().stream()
            .map(origin -> origin + (origin.privateToo() ? " private" : ""))
            .sorted()
            .toList());
    version.add(files.digest());
    return version.hex();
  }

  private void addAll(Collection<String> texts) {
    add(Integer.toString(texts.size()));
    texts.forEach(this::add);
  }

  private void add(String text) {
    add(text.getBytes(StandardCharsets.UTF_8));
  }

  private void add(byte[] bytes) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }

  private String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}

package dev.millrace.worker.manifest;

import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.util.LinkedHashSet;
import java.util.Set;

/** Reads {@code allow}, what a function may reach. */
final class GrantReader {

  private final Destinations destinations;
  private final Names<KeyValueSpec> stores;
  private final FileGrantReader files;

  GrantReader(Destinations destinations, Names<KeyValueSpec> stores, FileGrantReader files) {
    this.destinations = destinations;
    this.stores = stores;
    this.files = files;
  }

  /**
   * @param expectsFiles whether a directory that is not there is a problem
   */
  Grants read(Section allow, boolean expectsFiles) {
    Set<String> publishTo = new LinkedHashSet<>();
    for (Node.Scalar scalar : allow.scalars("publish")) {
      destinations.readGrant(allow, scalar).ifPresent(publishTo::add);
    }
    Set<String> keyValues = new LinkedHashSet<>();
    for (Node.Scalar scalar : allow.scalars("kv")) {
      stores
          .resolve(scalar.text(), allow, scalar.position())
          .ifPresent(store -> keyValues.add(store.name()));
    }
    Set<HttpOrigin> http = new LinkedHashSet<>();
    origins(allow, "http", false, http);
    origins(allow, "private_http", true, http);
    return new Grants(
        publishTo, allow.flag("once"), keyValues, http, files.read(allow, expectsFiles));
  }

  private static void origins(
      Section allow, String key, boolean privateToo, Set<HttpOrigin> origins) {
    for (Node.Scalar scalar : allow.scalars(key)) {
      try {
        origins.add(HttpOrigin.parse(scalar.text(), privateToo));
      } catch (IllegalArgumentException e) {
        allow.report(Rule.BAD_ORIGIN, scalar.position(), "allow." + key + ": " + e.getMessage());
      }
    }
  }
}

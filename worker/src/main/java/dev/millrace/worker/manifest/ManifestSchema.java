package dev.millrace.worker.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The manifest's JSON Schema (draft 2020-12), for editors and for the worker itself. */
public final class ManifestSchema {

  private static final String RESOURCE = "millrace.schema.json";

  /** Nobody may write to it. */
  private static final JsonNode JSON = Json.MAPPER.readTree(text());

  private ManifestSchema() {}

  /** The schema as it is written. */
  public static String text() {
    try (@Nullable InputStream in = ManifestSchema.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the worker's jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json() {
    return JSON;
  }
}

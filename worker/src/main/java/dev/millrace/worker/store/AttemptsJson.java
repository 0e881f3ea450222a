package dev.millrace.worker.store;

import dev.millrace.triggers.Attempt;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The attempts of a dead letter or a parked retry as JSON, so that any SQL tool shows them. */
final class AttemptsJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private AttemptsJson() {}

  static String write(List<Attempt> attempts) {
    return MAPPER.writeValueAsString(attempts);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws StoreException if it is not that
   */
  static List<Attempt> read(String json, String owner) {
    try {
      return Arrays.asList(MAPPER.readValue(json, Attempt[].class));
    } catch (JacksonException e) {
      throw new StoreException(
          "the attempts of '" + owner + "' cannot be read: they are damaged", e);
    }
  }
}

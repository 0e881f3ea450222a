package dev.millrace.triggers.redis;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The fields of an entry as one JSON object, in their order: {@code {"user":"7","amount":"12"}}.
 * Values are texts, since that is all Redis knows. A field that occurs more than once has a list of
 * its values. A value that is no UTF-8 is written in base64, under the field's name and {@code
 * _base64}.
 */
final class FieldsJson {

  private static final JsonFactory JSON = new JsonFactory();

  private FieldsJson() {}

  /**
   * Writes the object.
   *
   * @param fields name, value, name, value, …
   */
  static byte[] of(List<byte[]> fields) {
    Map<String, List<Object>> values = new LinkedHashMap<>();
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      String name = new String(fields.get(i), StandardCharsets.UTF_8);
      byte[] value = fields.get(i + 1);
      String text = text(value);
      values
          .computeIfAbsent(text == null ? name + "_base64" : name, n -> new ArrayList<>())
          .add(text == null ? value : text);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      for (Map.Entry<String, List<Object>> field : values.entrySet()) {
        json.writeName(field.getKey());
        if (field.getValue().size() == 1) {
          write(json, field.getValue().getFirst());
        } else {
          json.writeStartArray();
          field.getValue().forEach(value -> write(json, value));
          json.writeEndArray();
        }
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator json, Object value) {
    if (value instanceof byte[] bytes) {
      json.writeBinary(bytes);
    } else {
      json.writeString((String) value);
    }
  }

  private static @Nullable String text(byte[] value) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}

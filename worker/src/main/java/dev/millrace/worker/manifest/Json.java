package dev.millrace.worker.manifest;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Located nodes as JSON. */
final class Json {

  static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  static JsonNode of(Node node) {
    return switch (node) {
      case Node.Scalar scalar -> ScalarTypes.json(scalar);
      case Node.Sequence sequence -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        sequence.items().forEach(item -> array.add(of(item)));
        yield array;
      }
      case Node.Mapping mapping -> {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        mapping.entries().forEach((key, entry) -> object.set(key, of(entry.value())));
        yield object;
      }
    };
  }

  /** A text as it is, anything else as JSON. */
  static Payload payload(Node node) {
    if (node instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING) {
      return new Payload(scalar.text().getBytes(StandardCharsets.UTF_8), "text/plain");
    }
    return new Payload(MAPPER.writeValueAsBytes(of(node)), "application/json");
  }
}

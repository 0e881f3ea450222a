package dev.millrace.worker.manifest;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What YAML 1.2's core schema takes a plain text for, and the value it stands for. */
final class ScalarTypes {

  private static final ScalarResolver CORE = new CoreSchema().getScalarResolver();

  /** Longer numbers are texts: nobody counts that far, and arithmetic on them is slow. */
  private static final int LONGEST_NUMBER = 40;

  private ScalarTypes() {}

  static Node.Type of(String text) {
    Tag tag = CORE.resolve(text, true);
    if (tag.equals(Tag.NULL)) {
      return Node.Type.NULL;
    }
    if (tag.equals(Tag.BOOL)) {
      return Node.Type.BOOLEAN;
    }
    if (text.length() > LONGEST_NUMBER) {
      return Node.Type.STRING;
    }
    if (tag.equals(Tag.INT)) {
      return Node.Type.INTEGER;
    }
    // .inf and .nan have no JSON; 1e999 has no double
    boolean number =
        tag.equals(Tag.FLOAT) && !text.toLowerCase(java.util.Locale.ROOT).matches(".*(inf|nan)");
    return number && Double.isFinite(Double.parseDouble(text))
        ? Node.Type.NUMBER
        : Node.Type.STRING;
  }

  /** The value that a text of a type stands for. */
  static JsonNode json(Node.Scalar scalar) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (scalar.type()) {
      case STRING -> json.stringNode(scalar.text());
      case BOOLEAN -> json.booleanNode(Boolean.parseBoolean(scalar.text()));
      case NULL -> json.nullNode();
      case NUMBER -> json.numberNode(new BigDecimal(scalar.text()));
      case INTEGER -> whole(integer(scalar.text()));
    };
  }

  /** The whole number of a text of type {@link Node.Type#INTEGER}. */
  static BigInteger integer(String text) {
    if (text.startsWith("0x")) {
      return new BigInteger(text.substring(2), 16);
    }
    if (text.startsWith("0o")) {
      return new BigInteger(text.substring(2), 8);
    }
    return new BigInteger(text);
  }

  private static JsonNode whole(BigInteger number) {
    if (number.bitLength() < Integer.SIZE) {
      return JsonNodeFactory.instance.numberNode(number.intValue());
    }
    return number.bitLength() < Long.SIZE
        ? JsonNodeFactory.instance.numberNode(number.longValue())
        : JsonNodeFactory.instance.numberNode(number);
  }
}

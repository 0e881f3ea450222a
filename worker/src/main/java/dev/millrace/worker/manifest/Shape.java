package dev.millrace.worker.manifest;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A schema within the manifest's schema, with {@code $ref} followed. Knows the keywords that the
 * manifest's schema uses to describe structure, and no others.
 */
final class Shape {

  private final JsonNode root;
  private final JsonNode own;
  private final JsonNode target;

  private Shape(JsonNode root, JsonNode own) {
    this.root = root;
    this.own = own;
    this.target = own.has("$ref") ? root.at(own.get("$ref").asString().substring(1)) : own;
  }

  static Shape root(JsonNode schema) {
    return new Shape(schema, schema);
  }

  /** The keys that are listed by name. */
  List<String> keys() {
    return new ArrayList<>(target.path("properties").propertyNames());
  }

  /** The shape of a listed key's value, or of any other key's where those are named by the user. */
  Optional<Shape> property(String key) {
    JsonNode listed = target.path("properties").path(key);
    if (!listed.isMissingNode()) {
      return Optional.of(new Shape(root, listed));
    }
    JsonNode other = target.path("additionalProperties");
    return other.isObject() ? Optional.of(new Shape(root, other)) : Optional.empty();
  }

  /** The shape of a list's items. */
  Optional<Shape> items() {
    return target.has("items")
        ? Optional.of(new Shape(root, target.get("items")))
        : Optional.empty();
  }

  /** Whether a map of this shape lists its keys, so that any other is unknown. */
  boolean closed() {
    return target.path("additionalProperties").isBoolean();
  }

  /** Whether any value at all fits, because its meaning is the user's. */
  boolean open() {
    return !target.has("type") && !target.has("enum");
  }

  /** Whether a value of a JSON type fits, by name. */
  boolean allows(String type) {
    JsonNode types = target.path("type");
    if (types.isMissingNode()) {
      return open() || type.equals("string");
    }
    return types.isArray()
        ? types.valueStream().anyMatch(t -> t.asString().equals(type))
        : types.asString().equals(type);
  }

  /** Whether a single value of this type fits. */
  boolean allows(Node.Type type) {
    return switch (type) {
      case STRING -> allows("string");
      case INTEGER -> allows("integer") || allows("number");
      case NUMBER -> allows("number");
      case BOOLEAN -> allows("boolean");
      case NULL -> open();
    };
  }

  /** Whether a number is within the bounds of this shape. */
  boolean hasInRange(BigDecimal number) {
    JsonNode least = target.path("minimum");
    JsonNode most = target.path("maximum");
    return (least.isMissingNode() || number.compareTo(least.decimalValue()) >= 0)
        && (most.isMissingNode() || number.compareTo(most.decimalValue()) <= 0);
  }

  /** The value that stands in for an absent one, as a manifest would write it. */
  Optional<String> defaultText() {
    return own.has("default") ? Optional.of(own.get("default").asString()) : Optional.empty();
  }
}

package dev.millrace.triggers.kafka;

import java.util.Map;
import java.util.Optional;

/**
 * The properties of Kafka's clients that a manifest cannot set, because Millrace's promises rest on
 * what it sets there itself. The same list for every kind of client.
 */
public final class OwnedProperties {

  /** Property to what a user writes instead; empty where there is nothing to choose. */
  private static final Map<String, String> INSTEAD =
      Map.ofEntries(
          Map.entry("bootstrap.servers", "'bootstrap' of the connection"),
          Map.entry("group.id", "'group' of the trigger"),
          Map.entry("group.protocol", "'protocol' of the trigger"),
          Map.entry("group.instance.id", "'group_instance_id' of the trigger"),
          Map.entry("auto.offset.reset", "'start' of the trigger"),
          Map.entry("enable.auto.commit", ""),
          Map.entry("key.deserializer", ""),
          Map.entry("value.deserializer", ""),
          Map.entry("key.serializer", ""),
          Map.entry("value.serializer", ""),
          Map.entry("acks", ""),
          Map.entry("enable.idempotence", ""),
          Map.entry("transactional.id", "'exactly_once' of the trigger"),
          Map.entry("max.block.ms", ""),
          Map.entry("share.acknowledgement.mode", ""),
          Map.entry("share.acquire.mode", ""));

  private OwnedProperties() {}

  /** Why a manifest may not set this property, as a sentence; empty if it may. */
  public static Optional<String> refusal(String property) {
    String instead = INSTEAD.get(property);
    if (instead == null) {
      return Optional.empty();
    }
    return Optional.of(
        "the worker sets '"
            + property
            + "' itself; remove it"
            + (instead.isEmpty() ? "" : " and use " + instead));
  }

  /**
   * The same properties, none of which is owned.
   *
   * @throws IllegalArgumentException with the sentence about the first that is
   */
  static Map<String, String> without(Map<String, String> properties) {
    for (String name : properties.keySet()) {
      refusal(name)
          .ifPresent(
              sentence -> {
                throw new IllegalArgumentException(sentence);
              });
    }
    return properties;
  }
}

package dev.millrace.triggers.kafka;

import java.util.Optional;

/**
 * How a trigger is a member of a consumer group.
 *
 * @param group the group's name
 * @param protocol the group protocol
 * @param instance {@code group.instance.id}: a name of this replica that no other replica has,
 *     which makes it a static member. Its partitions then wait for it while it restarts
 */
public record Membership(String group, Protocol protocol, Optional<String> instance) {

  /** The group protocol. */
  public enum Protocol {
    /** KIP-848; brokers 4.0 and newer. */
    CONSUMER,
    /** Cooperative-sticky; any broker. */
    CLASSIC,
    /** {@link #CONSUMER} where the broker has it, else {@link #CLASSIC}. */
    AUTO
  }

  /** A member without a name of its own. */
  public static Membership of(String group, Protocol protocol) {
    return new Membership(group, protocol, Optional.empty());
  }

  /** The same member under another protocol. */
  Membership with(Protocol other) {
    return new Membership(group, other, instance);
  }
}

package dev.millrace.triggers.kafka;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/**
 * Judges what Kafka's client throws: can time or an operator heal it, and what to tell a person.
 */
final class Trouble {

  private static final String UNRESOLVED = "No resolvable bootstrap urls";

  private Trouble() {}

  /** Whether it may pass without a change of the manifest; if not, the trigger cannot go on. */
  static boolean mayPass(KafkaException trouble) {
    for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidTopicException
          || cause instanceof InvalidGroupIdException
          || cause instanceof FencedInstanceIdException) {
        return false;
      }
      if (cause instanceof ConfigException && !isUnresolved(cause)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the broker does not know what it is asked for. */
  static boolean isUnsupported(KafkaException trouble) {
    for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsupportedVersionException) {
        return true;
      }
    }
    return false;
  }

  /** One sentence: what is wrong and, where it is known, what to do. */
  static String sentence(KafkaException trouble) {
    for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
      String advice = advice(cause);
      if (advice != null) {
        return advice + " (" + cause.getMessage() + ")";
      }
    }
    Throwable cause = trouble.getCause() == null ? trouble : trouble.getCause();
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  private static @Nullable String advice(Throwable cause) {
    if (isUnresolved(cause)) {
      return "no host of the connection's bootstrap can be resolved";
    }
    if (cause instanceof AuthenticationException) {
      return "the broker refuses the connection's credentials";
    }
    if (cause instanceof AuthorizationException) {
      return "the broker does not allow this; grant READ on the topics and the group";
    }
    if (cause instanceof FencedInstanceIdException) {
      return "another member has this trigger's group_instance_id; give each replica its own";
    }
    if (cause instanceof UnreleasedInstanceIdException) {
      return "the member that had this group_instance_id has not left; waiting for its session to"
          + " end";
    }
    if (cause instanceof ProducerFencedException
        || cause instanceof InvalidProducerEpochException) {
      return "another producer took over this trigger's transactions, or one took too long";
    }
    if (cause instanceof UnsupportedVersionException) {
      return "the broker is too old for this; brokers before 4.0 need protocol: classic";
    }
    return null;
  }

  /** Whether it is that no host of the bootstrap is known, be it for now. */
  static boolean isUnresolved(Throwable cause) {
    return cause instanceof ConfigException
        && cause.getMessage() != null
        && cause.getMessage().startsWith(UNRESOLVED);
  }
}

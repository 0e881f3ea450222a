package dev.millrace.triggers.kafka;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Says which properties Kafka's client cannot use, and why, with no value that the manifest gave
 * them: the client's own exceptions show them, and a value may be a secret.
 */
final class UnusableProperties {

  private static final Pattern INVALID =
      Pattern.compile(
          "Invalid value .* for configuration (?<name>[^\\s:]+)(?::\\s*(?<rule>.*))?",
          Pattern.DOTALL);

  private UnusableProperties() {}

  /**
   * What to throw instead of what the client threw when it was made. It has no cause, since loggers
   * print causes.
   */
  static KafkaException explain(KafkaException failure, Map<String, Object> properties) {
    if (failure instanceof InterruptException) {
      return failure;
    }
    PropertyNames names = new PropertyNames(properties);
    KafkaException shown = null;
    StringBuilder said = new StringBuilder();
    for (Throwable cause = failure; cause != null && shown == null; cause = cause.getCause()) {
      if (Trouble.isUnresolved(cause)) {
        return failure;
      }
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof ConfigException) {
        shown = new ConfigException(invalid(message, names));
      }
      if (isNews(said, message, cause)) {
        said.append(said.isEmpty() ? "" : ": ").append(message);
      }
    }
    if (shown == null) {
      String sentence = names.insteadOfValues(said.toString());
      // what a JAAS configuration has to look like, no time and no operator changes
      shown =
          said.indexOf("JAAS config") >= 0
              ? new ConfigException(unusable("sasl.jaas.config", sentence))
              : new KafkaException(sentence);
    }
    shown.setStackTrace(failure.getStackTrace());
    return shown;
  }

  /** Whether a cause adds to what was said: many repeat the message of their own cause. */
  private static boolean isNews(StringBuilder said, String message, Throwable cause) {
    return cause.getMessage() != null && said.indexOf(message) < 0;
  }

  private static String invalid(String message, PropertyNames names) {
    Matcher parts = INVALID.matcher(message);
    if (!parts.matches()) {
      return names.insteadOfValues(message);
    }
    String rule = parts.group("rule");
    return unusable(parts.group("name"), rule == null ? null : names.insteadOfValues(rule));
  }

  private static String unusable(String property, @Nullable String rule) {
    return "Kafka's client cannot use the value of '"
        + property
        + "'"
        + (rule == null ? "" : ": " + rule);
  }
}

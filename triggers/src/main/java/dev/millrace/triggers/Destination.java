package dev.millrace.triggers;

/**
 * Where a message goes, written {@code connection/target}.
 *
 * @param connection the connection's name in the manifest
 * @param target what it names there: a Kafka topic, {@code stream:name} or {@code channel:name} in
 *     Redis
 */
public record Destination(String connection, String target) {

  public Destination {
    if (connection.isEmpty() || target.isEmpty() || connection.indexOf('/') >= 0) {
      throw new IllegalArgumentException("a destination is written connection/target");
    }
  }

  /**
   * Reads {@code connection/target}.
   *
   * @throws IllegalArgumentException if the text has no slash, or nothing on one side of it
   */
  public static Destination parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0 || slash == text.length() - 1) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a destination; write connection/target");
    }
    return new Destination(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public String toString() {
    return connection + "/" + target;
  }
}

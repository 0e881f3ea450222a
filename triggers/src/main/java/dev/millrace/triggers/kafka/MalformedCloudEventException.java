package dev.millrace.triggers.kafka;

/** A record claims to be a CloudEvent and is not a valid one; the message says why. */
final class MalformedCloudEventException extends Exception {

  MalformedCloudEventException(String message) {
    super(message);
  }
}

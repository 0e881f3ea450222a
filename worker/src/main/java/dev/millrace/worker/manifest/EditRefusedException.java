package dev.millrace.worker.manifest;

/** A manifest cannot be added to; the message says why, and what to write by hand. */
public final class EditRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  EditRefusedException(String message) {
    super(message);
  }
}

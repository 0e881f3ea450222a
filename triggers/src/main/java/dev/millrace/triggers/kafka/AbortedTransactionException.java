package dev.millrace.triggers.kafka;

import org.apache.kafka.common.errors.RetriableException;

/** A transaction was aborted for a reason that may pass; its events run again. */
final class AbortedTransactionException extends RetriableException {

  private static final long serialVersionUID = 1L;

  AbortedTransactionException(String reason, Throwable cause) {
    super(reason, cause);
  }
}

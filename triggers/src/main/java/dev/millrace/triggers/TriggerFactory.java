package dev.millrace.triggers;

/**
 * Makes one trigger from the worker's context. The factory holds the trigger's options and its
 * connection.
 */
@FunctionalInterface
public interface TriggerFactory {

  /** Makes the trigger; opens no connection and starts no thread. */
  Trigger create(TriggerContext context);
}

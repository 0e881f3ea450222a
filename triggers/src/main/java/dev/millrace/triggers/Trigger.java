package dev.millrace.triggers;

/**
 * A source of events. It owns its threads and its loop; it knows nothing of functions, retries or
 * stores.
 *
 * <p>The worker guarantees: {@link #start} is called once, before anything else; {@link #pause} and
 * {@link #resume} any number of times; {@link #close} once, last, after in-flight events are
 * settled or released.
 *
 * <p>The trigger guarantees: it offers no event after {@code close} returned; it acknowledges an
 * event at its source only after a settlement whose {@link Settlement#acknowledge} is true; an
 * unreachable source is retried with back-off and reported, never thrown.
 */
public interface Trigger extends AutoCloseable {

  /** The name the manifest gives it. */
  String name();

  /** Starts the trigger's threads and returns at once; connecting goes on in the background. */
  void start();

  /** Takes no new events, but stays connected and goes on acknowledging. Returns at once. */
  void pause();

  /** Takes events again after {@link #pause}. Returns at once. */
  void resume();

  /** What the trigger is doing now. Cheap; any thread. */
  TriggerStatus status();

  /**
   * Acknowledges what is settled, disconnects and ends the trigger's threads; blocks until that is
   * done.
   */
  @Override
  void close();
}

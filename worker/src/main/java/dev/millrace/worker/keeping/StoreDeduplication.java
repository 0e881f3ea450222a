package dev.millrace.worker.keeping;

import dev.millrace.abi.Event;
import dev.millrace.worker.dispatch.Deduplication;
import dev.millrace.worker.store.SeenEvents;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/**
 * Remembers a trigger's events in the worker's store.
 *
 * @param trigger the trigger's name
 * @param window for how long
 * @param events where
 * @param clock tells the time
 */
public record StoreDeduplication(
    String trigger, Duration window, SeenEvents events, InstantSource clock)
    implements Deduplication {

  @Override
  public boolean seen(Event event) {
    return events.seen(trigger, identity(event), clock.instant());
  }

  @Override
  public CompletionStage<Void> remember(Event event) {
    return events.remember(trigger, identity(event), clock.instant().plus(window));
  }

  private static String identity(Event event) {
    return event.source() + '\n' + event.id();
  }
}

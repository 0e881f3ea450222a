package dev.millrace.triggers;

import java.time.Clock;

/**
 * What the worker gives to a trigger.
 *
 * @param name the trigger's name in the manifest
 * @param intake where its events go
 * @param signals where it reports what is not an event
 * @param clock the worker's clock
 */
public record TriggerContext(String name, Intake intake, TriggerSignals signals, Clock clock) {}

package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * Takes received messages to the intake, in their order.
 *
 * <p>Who receives calls {@link #receive} and waits for nothing; the trigger's own thread, the pump,
 * calls {@link #work} and {@link #rest} by turns, and {@link #close} in the end. The others may be
 * called by anybody.
 */
interface MessageFlow {

  /** How long the pump rests when nothing is to do; it is woken sooner. */
  Duration IDLE_WAIT = Duration.ofMillis(500);

  /** How often a full intake is asked again; a settlement wakes the pump sooner. */
  Duration FULL_WAIT = Duration.ofMillis(20);

  /**
   * How long the pump rests where the intake is full and quick: to be woken for each settlement
   * would cost more than all its work.
   */
  Duration FULL_NAP = Duration.ofNanos(500_000);

  /** So many events keep the workers busy over a nap. */
  int MANY_RUNNING = 256;

  /**
   * A message was received. One thread at a time; does not block.
   *
   * @return how many messages were dropped to keep the bound of those that wait, this one or others
   */
  int receive(Received message);

  /**
   * For how many nanoseconds messages may gather before they are received; 0 if they are wanted at
   * once. By who receives.
   */
  long patienceNanos();

  /**
   * Moves messages on as far as that goes without waiting for anything but a read of the journal.
   */
  void work();

  /** Rests until there may be something to do. */
  void rest();

  /** Offers nothing from now on, or again. */
  void pause(boolean now);

  /** What holds the messages up, for a person; empty if nothing does. By the pump. */
  String trouble();

  /**
   * Brings to safety what can be: nothing more is received or offered. Blocks, but not for ever.
   *
   * @param lost learns how many received messages go down with the process
   */
  void close(LongConsumer lost);
}

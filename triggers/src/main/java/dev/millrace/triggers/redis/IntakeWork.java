package dev.millrace.triggers.redis;

import java.util.OptionalLong;

/** The work of a loop that brings events to the intake. */
interface IntakeWork extends LinkLoop.Work {

  /** Offers nothing from now on, or again. Any thread. */
  void pause(boolean now);

  /** How many events wait at the source, as far as the source tells. Any thread. */
  OptionalLong lag();

  /** What a person should know of this loop while it works; empty if nothing. Any thread. */
  String detail();
}

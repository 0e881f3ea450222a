package dev.millrace.worker.chaos;

/** What can happen to a worker and its broker. */
enum Fault {
  /** kill -9 of the worker, and its restart. */
  KILL_WORKER,
  /** SIGTERM to the worker, its exit with code 0, and its restart. Nothing may run again. */
  TERMINATE_WORKER,
  /** kill -9 of the broker, and its restart on the same port and data. */
  KILL_BROKER,
  /** All of the worker's connections are reset. */
  RESET,
  /** Each piece of data is late by 100 to 500 ms, either way. */
  DELAY,
  /** One byte a millisecond, either way. */
  TRICKLE,
  /** Nothing is forwarded, no socket is closed; reset at the end. */
  HALF_OPEN,
  /** All connections are reset and new ones closed at once. */
  REFUSE,
  /** kill -9 of the worker while what it sent is still under way. */
  KILL_WORKER_BEHIND_A_SLOW_LINE,
  /** A second worker joins the group, takes its share, and leaves by SIGTERM or kill -9. */
  SECOND_WORKER;

  /** Whether events may run again that came to their end between its begin and its end. */
  boolean lasts() {
    return this != KILL_WORKER && this != TERMINATE_WORKER;
  }
}

package dev.millrace.worker.dispatch;

/** What waits in a lane. */
interface LaneEntry {

  /** It is the head now. */
  void begin();

  /** It will not be the head any more: the worker stops. */
  void giveBack();
}

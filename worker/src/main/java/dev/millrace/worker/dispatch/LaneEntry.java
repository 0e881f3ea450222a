package dev.millrace.worker.dispatch;

/** What waits in a lane. */
interface LaneEntry {

  /** Its bytes, of which the name of its lane is a part. */
  int size();

  /** This is the lane that it enters now; perhaps not the last one that it tries. */
  void joins(Lane<LaneEntry> lane);

  /** It is the head now. */
  void begin();

  /** It will not be the head any more: the worker stops. */
  void giveBack();
}

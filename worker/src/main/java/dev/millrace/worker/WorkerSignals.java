package dev.millrace.worker;

import dev.millrace.triggers.TriggerSignals;
import java.time.Instant;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books what a trigger signals, and stops the worker when a trigger cannot go on. Triggers log
 * connections, gaps and drops themselves, in their own words and not too often; here they are
 * logged at DEBUG.
 */
final class WorkerSignals implements TriggerSignals {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerSignals.class);

  private final String trigger;
  private final ObjLongConsumer<String> drops;
  private final BiConsumer<String, Throwable> onFailure;

  /**
   * @param drops takes the reason and the count of dropped events
   * @param onFailure takes why the trigger cannot go on
   */
  WorkerSignals(
      String trigger, ObjLongConsumer<String> drops, BiConsumer<String, Throwable> onFailure) {
    this.trigger = trigger;
    this.drops = drops;
    this.onFailure = onFailure;
  }

  @Override
  public void connected(String detail) {
    LOG.atDebug().addKeyValue("trigger", trigger).addKeyValue("detail", detail).log("connected");
  }

  @Override
  public void disconnected(String reason) {
    LOG.atDebug()
        .addKeyValue("trigger", trigger)
        .addKeyValue("reason", reason)
        .log("not connected; trying again");
  }

  @Override
  public void gap(Instant from, Instant to, String reason) {
    LOG.atDebug()
        .addKeyValue("trigger", trigger)
        .addKeyValue("from", from)
        .addKeyValue("to", to)
        .addKeyValue("reason", reason)
        .log("events may have passed unseen");
  }

  @Override
  public void dropped(long count, String reason) {
    drops.accept(reason, count);
    LOG.atDebug()
        .addKeyValue("trigger", trigger)
        .addKeyValue("count", count)
        .addKeyValue("reason", reason)
        .log("events dropped");
  }

  @Override
  public void dataLoss(String detail) {
    LOG.atError()
        .addKeyValue("trigger", trigger)
        .addKeyValue("detail", detail)
        .log("the source lost events that it had promised to keep");
  }

  @Override
  public void failed(String reason, Throwable cause) {
    LOG.atError()
        .setCause(cause)
        .addKeyValue("trigger", trigger)
        .addKeyValue("reason", reason)
        .log("the trigger cannot go on; the worker stops");
    onFailure.accept("trigger '" + trigger + "': " + reason, cause);
  }
}

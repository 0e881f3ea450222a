package dev.millrace.triggers.kafka;

import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.TriggerStatus.State;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a trigger shows of itself: its status, and a signal and a log line for each change that a
 * person wants to know. Written by the poll thread, or by the closing thread when there is none;
 * the status is read by any thread.
 */
final class StatusBoard {

  private static final Logger LOG = LoggerFactory.getLogger(StatusBoard.class);

  private final TriggerContext context;
  private volatile TriggerStatus status;
  private boolean connected;
  private boolean everConnected;
  private boolean saidLost;

  StatusBoard(TriggerContext context) {
    this.context = context;
    this.status = TriggerStatus.of(State.NEW, "", context.clock().instant());
  }

  TriggerStatus status() {
    return status;
  }

  boolean isConnected() {
    return connected;
  }

  /** The trigger begins to look for its broker. */
  void connecting(String detail) {
    show(State.CONNECTING, detail, OptionalLong.empty());
  }

  /** The trigger is a member of its group. */
  void reached(boolean paused, String detail, OptionalLong lag) {
    if (!connected) {
      connected = true;
      saidLost = false;
      String what = everConnected ? "connected again" : "connected";
      everConnected = true;
      LOG.atInfo().addKeyValue("trigger", context.name()).log(what);
      context.signals().connected(what);
    }
    show(paused ? State.PAUSED : State.RUNNING, detail, lag);
  }

  /** The trigger cannot read now and goes on trying. */
  void lost(String reason) {
    if (connected || !saidLost) {
      saidLost = true;
      connected = false;
      LOG.atWarn()
          .addKeyValue("trigger", context.name())
          .addKeyValue("reason", reason)
          .log("no events until the broker can be read again; trying on");
      context.signals().disconnected(reason);
    }
    show(State.CONNECTING, reason, OptionalLong.empty());
  }

  /** The trigger cannot go on. */
  void failed(String reason, Throwable cause) {
    connected = false;
    LOG.atError()
        .addKeyValue("trigger", context.name())
        .addKeyValue("reason", reason)
        .setCause(cause)
        .log("the trigger cannot go on");
    show(State.FAILED, reason, OptionalLong.empty());
    context.signals().failed(reason, cause);
  }

  void closed() {
    connected = false;
    show(State.CLOSED, "", OptionalLong.empty());
  }

  private void show(State state, String detail, OptionalLong lag) {
    TriggerStatus before = status;
    boolean same = before.state() == state && before.detail().equals(detail);
    if (same && before.lag().equals(lag)) {
      return;
    }
    status =
        new TriggerStatus(
            state,
            detail,
            before.state() == state ? before.since() : context.clock().instant(),
            lag);
  }
}

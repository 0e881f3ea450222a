package dev.millrace.triggers.redis;

import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.TriggerStatus.State;
import java.time.Clock;

/**
 * What a pub/sub trigger is doing, put together from what its threads know. Safe for any thread.
 */
final class PubSubStatus {

  private final Clock clock;
  private boolean started;
  private boolean connected;
  private boolean paused;
  private boolean closed;
  private boolean failed;
  private String linkDetail = "connecting";
  private String trouble = "";
  private String failure = "";
  private TriggerStatus current;

  PubSubStatus(Clock clock) {
    this.clock = clock;
    this.current = TriggerStatus.of(State.NEW, "", clock.instant());
  }

  synchronized TriggerStatus current() {
    return current;
  }

  synchronized void started() {
    started = true;
    change();
  }

  synchronized void connected() {
    connected = true;
    linkDetail = "";
    change();
  }

  /** Returns whether this is news: the link worked before, or failed for another reason. */
  synchronized boolean disconnected(String reason) {
    boolean news = connected || !linkDetail.equals(reason);
    connected = false;
    linkDetail = reason;
    change();
    return news;
  }

  synchronized void paused(boolean now) {
    paused = now;
    change();
  }

  synchronized void trouble(String detail) {
    if (!detail.equals(trouble)) {
      trouble = detail;
      change();
    }
  }

  synchronized void failed(String reason) {
    failed = true;
    failure = reason;
    change();
  }

  synchronized void closed() {
    closed = true;
    change();
  }

  private void change() {
    State state = state();
    String detail =
        switch (state) {
          case FAILED -> failure;
          case CONNECTING -> linkDetail;
          case RUNNING, PAUSED -> trouble;
          case NEW, CLOSED -> "";
        };
    current =
        TriggerStatus.of(
            state, detail, state == current.state() ? current.since() : clock.instant());
  }

  private State state() {
    if (closed) {
      return State.CLOSED;
    }
    if (failed) {
      return State.FAILED;
    }
    if (!started) {
      return State.NEW;
    }
    if (!connected) {
      return State.CONNECTING;
    }
    return paused ? State.PAUSED : State.RUNNING;
  }
}

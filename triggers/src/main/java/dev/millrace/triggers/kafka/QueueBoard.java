package dev.millrace.triggers.kafka;

import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a trigger with several members shows of itself: it is connected as long as one of them is.
 * Safe for any thread.
 */
final class QueueBoard {

  private final StatusBoard board;
  private final Set<Integer> connected = new HashSet<>();
  private boolean over;

  QueueBoard(TriggerContext context) {
    this.board = new StatusBoard(context);
  }

  synchronized TriggerStatus status() {
    return board.status();
  }

  synchronized void connecting(String detail) {
    board.connecting(detail);
  }

  synchronized void reached(int member, boolean paused, String detail) {
    if (!over) {
      connected.add(member);
      board.reached(paused, detail, OptionalLong.empty());
    }
  }

  synchronized void lost(int member, String reason) {
    connected.remove(member);
    if (!over && connected.isEmpty()) {
      board.lost(reason);
    }
  }

  synchronized void failed(String reason, Throwable cause) {
    if (!over) {
      over = true;
      board.failed(reason, cause);
    }
  }

  synchronized void closed() {
    if (!over) {
      over = true;
      board.closed();
    }
  }
}

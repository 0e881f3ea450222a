package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ShareConsumer;

/**
 * Reads topics as a queue, as members of a share group (KIP-932): records go to whichever member
 * asks, in no order, and each is answered for by itself. Each member is a consumer with a thread,
 * {@code trigger-<name>-<member>}.
 *
 * <p>A record is accepted at the broker only when it is settled with an acknowledgement. One that
 * is not comes again, up to the group's delivery limit.
 */
final class KafkaQueueTrigger implements Trigger {

  private final TriggerContext context;
  private final QueueBoard board;
  private final List<QueueMember> members = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  KafkaQueueTrigger(
      TriggerContext context,
      KafkaQueueOptions options,
      KafkaTiming timing,
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      ShareGroup group) {
    this.context = context;
    this.board = new QueueBoard(context);
    for (int number = 1; number <= options.members(); number++) {
      members.add(
          new QueueMember(number, context, options, timing, consumers, group, board, closing));
    }
  }

  @Override
  public String name() {
    return context.name();
  }

  @Override
  public synchronized void start() {
    if (!threads.isEmpty()) {
      throw new IllegalStateException("trigger '" + name() + "' is started already");
    }
    board.connecting("looking for a Kafka broker");
    for (QueueMember member : members) {
      Thread thread = new Thread(member, "trigger-" + name() + "-" + member.number());
      threads.add(thread);
      thread.start();
    }
  }

  @Override
  public void pause() {
    members.forEach(member -> member.hold(true));
  }

  @Override
  public void resume() {
    members.forEach(member -> member.hold(false));
  }

  @Override
  public TriggerStatus status() {
    return board.status();
  }

  @Override
  public synchronized void close() {
    closing.countDown();
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    board.closed();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.DurableTriggerContract;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** A list trigger passes the contract of triggers whose source keeps events, and more. */
class ListTriggerIT extends DurableTriggerContract {

  private final String list = Servers.unique("jobs");
  private final RedisClient client = Servers.client(Servers.shared());
  private final List<Trigger> replicas = new ArrayList<>();
  private int produced;

  @AfterEach
  void closeClientAndReplicas() {
    replicas.forEach(Trigger::close);
    client.close();
  }

  @Override
  protected Trigger create(TriggerContext context) {
    return create(context, Servers.shared());
  }

  @Override
  protected Trigger createUnreachable(TriggerContext context) {
    return create(context, Servers.at(1));
  }

  private Trigger create(TriggerContext context, RedisConnection connection) {
    return new ListTriggerFactory(connection, ListOptions.of(list, "replica-1"), Servers.FAST)
        .create(context);
  }

  private void startReplica(String consumer, FakeIntake into, ListOptions.End end) {
    Trigger trigger =
        new ListTriggerFactory(
                Servers.shared(),
                new ListOptions(list, consumer, end, Duration.ofSeconds(1), 10),
                Servers.FAST)
            .create(new TriggerContext("orders", into, new FakeSignals(), clock()));
    trigger.start();
    replicas.add(trigger);
  }

  @Override
  protected void produce() {
    client.lpush(list, "job-" + ++produced);
  }

  private String processing(String consumer) {
    return Beside.key(list, "processing:" + consumer);
  }

  @Test
  void keepsAnElementInRedisUntilItIsSettled() throws Exception {
    running();
    produce();
    intake.awaitAccepted(1);
    assertEquals(List.of("job-1"), client.lrange(processing("replica-1"), 0, -1));

    intake.settleHeld(Settlement.DONE);

    Streams.await("the removal").until(() -> client.llen(processing("replica-1")) == 0);
    assertEquals(0, client.llen(list));
  }

  @Test
  void takesUpWhatACrashLeftBehindWithTheSameIds() throws Exception {
    running();
    produce();
    produce();
    List<String> before =
        intake.awaitAccepted(2).stream().map(offered -> offered.event().id()).toList();

    // The first trigger is simply left behind, as a crash would leave it.
    FakeIntake afterwards = FakeIntake.unbounded();
    try (Trigger second =
        create(new TriggerContext("orders", afterwards, new FakeSignals(), clock()))) {
      second.start();
      afterwards.awaitAccepted(2);

      assertEquals(before, afterwards.ids());
      afterwards.settlingAll();
    }
  }

  /** Fails if the script does not ask for the key first (tried: it takes the living one's too). */
  @Test
  void givesBackWhatADeadConsumerHadTakenAndLeavesTheLivingAlone() {
    for (ListOptions.End end : ListOptions.End.values()) {
      client.sadd(Beside.key(list, "consumers"), "dead", "living");
      client.lpush(processing("dead"), "d1", "d2");
      client.lpush(processing("living"), "l1");
      client.set(Beside.key(list, "alive:living"), "1");
      FakeIntake into = FakeIntake.unbounded().settlingAll();

      startReplica("replica-2", into, end);

      into.awaitAccepted(2);
      assertEquals(
          List.of("d1", "d2"),
          into.events().stream().map(Streams::text).toList(),
          "the oldest first");
      assertEquals(List.of("l1"), client.lrange(processing("living"), 0, -1));
      Streams.await("the removal of the dead")
          .until(() -> !client.sismember(Beside.key(list, "consumers"), "dead"));
      replicas.removeFirst().close();
      client.del(processing("living"));
    }
  }

  /**
   * Fails if the sign of life is given on connecting only (tried: it is given back and runs again).
   */
  @Test
  void keepsItsElementsFromOthersHoweverLongTheyRun() {
    FakeIntake first = FakeIntake.unbounded();
    FakeIntake second = FakeIntake.unbounded();
    startReplica("replica-1", first, ListOptions.End.RIGHT);
    produce();
    first.awaitAccepted(1);
    startReplica("replica-2", second, ListOptions.End.RIGHT);

    Streams.await("three times the limit")
        .during(Duration.ofSeconds(3))
        .until(() -> first.accepted().size() == 1 && second.accepted().isEmpty());

    first.settleHeld(Settlement.DONE);
    Streams.await("the removal").until(() -> client.llen(processing("replica-1")) == 0);
    assertEquals(0, client.llen(list));
  }

  @Test
  void putsBackAtOnceWhatTheWorkerGaveBack() throws Exception {
    Trigger trigger = running();
    produce();
    produce();
    produce();
    intake.awaitAccepted(3);
    intake.settleHeld(event -> Streams.text(event).equals("job-2"), Settlement.DONE);
    intake.settleHeld(Settlement.RELEASED);

    trigger.close();

    assertEquals(List.of("job-3", "job-1"), client.lrange(list, 0, -1));
    assertEquals(0, client.llen(processing("replica-1")));
  }

  @Test
  void tellsEqualElementsApartByTheirReceipts() throws Exception {
    running();
    client.lpush(list, "same", "same");
    List<Event> events = intake.awaitAccepted(2).stream().map(FakeIntake.Offered::event).toList();

    assertEquals(events.get(0).id(), events.get(1).id());
    assertNotEquals(events.get(0).receipt(), events.get(1).receipt());
    intake.held().get(0).settle(Settlement.DONE);
    Streams.await("one of them").until(() -> client.llen(processing("replica-1")) == 1);
  }

  @Test
  void sharesAListBetweenReplicasAndLosesAndDoublesNothing() {
    int count = 2_000;
    FakeIntake first = FakeIntake.unbounded().settlingAll();
    FakeIntake second = FakeIntake.unbounded().settlingAll();
    startReplica("replica-1", first, ListOptions.End.LEFT);
    startReplica("replica-2", second, ListOptions.End.LEFT);

    for (int i = 0; i < count; i++) {
      client.rpush(list, "job-" + i);
    }
    Streams.await("all jobs")
        .until(() -> first.accepted().size() + second.accepted().size() >= count);

    Set<String> ids = new HashSet<>(first.ids());
    ids.addAll(second.ids());
    assertEquals(count, ids.size());
    assertEquals(count, first.accepted().size() + second.accepted().size());
    assertEquals(0, client.llen(list));
  }
}

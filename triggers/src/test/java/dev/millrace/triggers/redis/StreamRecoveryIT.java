package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.redis.Streams.Replica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XClaimParams;
import redis.clients.jedis.params.XReadGroupParams;

/** What is acknowledged when, what comes again, and who takes over from whom. */
class StreamRecoveryIT {

  private static final Duration SHORT = Duration.ofSeconds(1);

  private final String stream = Servers.unique("orders");
  private final RedisClient client = Servers.client(Servers.shared());
  private final List<Replica> replicas = new ArrayList<>();

  @AfterEach
  void close() {
    replicas.forEach(Replica::close);
    client.close();
  }

  private Replica replica(String consumer, Duration claimAfter) {
    return replica(Streams.options(stream, consumer, claimAfter), Streams.FAST);
  }

  private Replica replica(StreamOptions options, StreamPace pace) {
    Replica replica = Replica.start(Servers.shared(), options, pace);
    replicas.add(replica);
    return replica;
  }

  private String add(String data) {
    return Streams.add(client, stream, data);
  }

  private long pending() {
    return Streams.pending(client, stream);
  }

  /** Reads entries for a consumer that is never heard of again. */
  private void readAndDie(String consumer, int count) {
    client.xreadGroup(
        Streams.GROUP,
        consumer,
        XReadGroupParams.xReadGroupParams().count(count),
        Map.of(stream, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
  }

  private void awaitConnected(Replica replica) {
    Streams.await("connection").until(() -> !replica.signals().connections().isEmpty());
  }

  /** Fails if entries are acknowledged on reading (tried: nothing is pending). */
  @Test
  void acknowledgesAfterTheSettlementOnly() {
    Replica one = replica("one", Streams.NEVER);
    add("a");
    add("b");
    one.intake().awaitAccepted(2);
    assertEquals(2, pending());

    one.intake().held().get(1).settle(Settlement.DONE);
    Streams.await("one acknowledgement").until(() -> pending() == 1);
    one.intake().held().get(0).settle(Settlement.RELEASED);
    one.trigger().close();

    assertEquals(1, pending());
  }

  /** Fails if the loop begins with what is new (tried: c, d come before a, b). */
  @Test
  void beginsWithWhatItLeftUnfinishedInTheOldOrder() {
    client.xgroupCreate(stream, Streams.GROUP, new StreamEntryID("0-0"), true);
    add("a");
    add("b");
    readAndDie("one", 2);
    add("c");
    add("d");

    Replica one = replica("one", Streams.NEVER);

    one.intake().awaitAccepted(4);
    assertEquals(List.of("a", "b", "c", "d"), one.data());
  }

  @Test
  void readsALongBacklogOfItsOwnPageByPage() {
    client.xgroupCreate(stream, Streams.GROUP, new StreamEntryID("0-0"), true);
    for (int i = 0; i < 1_234; i++) {
      add(Integer.toString(i));
    }
    readAndDie("one", 1_200);

    Replica one = replica("one", Streams.NEVER);

    one.intake().awaitAccepted(1_234);
    assertEquals(1_234, new HashSet<>(one.intake().ids()).size());
    assertEquals("0", one.data().getFirst());
    assertEquals("1233", one.data().getLast());
  }

  @Test
  void startsWhereItIsToldTo() {
    add("old");
    StreamOptions options = Streams.options(stream, "one", Streams.NEVER);
    Replica latest =
        replica(
            new StreamOptions(
                options.streams(),
                0,
                "latecomers",
                "one",
                StreamOptions.Start.LATEST,
                Order.PARTITION,
                "key",
                Streams.NEVER,
                10,
                StreamOptions.Trim.NONE),
            Streams.FAST);
    Replica earliest = replica("one", Streams.NEVER);
    awaitConnected(latest);

    add("new");

    latest.intake().awaitAccepted(1);
    earliest.intake().awaitAccepted(2);
    assertEquals(List.of("new"), latest.data());
    assertEquals(stream, latest.intake().accepted().getFirst().lane());
  }

  /** Fails without the claim (tried: the entry stays with the dead one). */
  @Test
  void takesOverWhatADeadReplicaHad() {
    client.xgroupCreate(stream, Streams.GROUP, new StreamEntryID("0-0"), true);
    add("a");
    readAndDie("dead", 1);

    Replica two = replica("two", SHORT);

    two.intake().awaitAccepted(1);
    two.intake().settleHeld(Settlement.DONE);
    Streams.await("the acknowledgement").until(() -> pending() == 0);
    assertEquals(List.of(), two.signals().losses());
  }

  /** Fails without the signs of life (tried: both replicas run the entry). */
  @Test
  void keepsWhatRunsForLongerThanTheClaimLimit() {
    Replica one = replica("one", SHORT);
    String id = add("slow");
    one.intake().awaitAccepted(1);
    Replica two = replica("two", SHORT);

    Streams.await("four times the limit")
        .during(SHORT.multipliedBy(4))
        .until(() -> two.intake().accepted().isEmpty());

    assertEquals(1, Streams.deliveries(client, stream, id), "a sign of life is no delivery");
    one.intake().settleHeld(Settlement.DONE);
    Streams.await("the acknowledgement").until(() -> pending() == 0);
  }

  /** Fails without the look into what is here already (tried: the entry is offered twice). */
  @Test
  void doesNotOfferAgainWhatIsClaimedWhileItRunsHere() {
    Replica one = replica("one", SHORT);
    String id = add("a");
    one.intake().awaitAccepted(1);

    // Again and again as if the worker had stood still for a minute: it claims its own entry.
    Streams.await("several looks")
        .during(SHORT.multipliedBy(3))
        .until(
            () -> {
              client.xclaimJustId(
                  stream,
                  Streams.GROUP,
                  "one",
                  0,
                  XClaimParams.xClaimParams().idle(60_000),
                  new StreamEntryID(id));
              return one.intake().accepted().size() == 1;
            });
    one.intake().settleHeld(Settlement.DONE);
    Streams.await("the acknowledgement").until(() -> pending() == 0);
  }

  /** Two replicas run the same entry, as after a long stop of the first: one settlement counts. */
  @Test
  void bearsThatTwoReplicasSettleTheSameEntry() {
    Replica one = replica("one", Streams.NEVER);
    String id = add("a");
    one.intake().awaitAccepted(1);
    client.xclaimJustId(
        stream,
        Streams.GROUP,
        "two",
        0,
        XClaimParams.xClaimParams().idle(0),
        new StreamEntryID(id));
    Replica two = replica("two", Streams.NEVER);
    two.intake().awaitAccepted(1);
    assertEquals(one.intake().ids(), two.intake().ids());

    two.intake().settleHeld(Settlement.DONE);
    Streams.await("the acknowledgement").until(() -> pending() == 0);
    one.intake().settleHeld(Settlement.DEAD_LETTERED);

    add("b");
    Streams.await("somebody goes on")
        .until(() -> one.data().contains("b") || two.data().contains("b"));
    assertEquals(List.of(), one.signals().failures());
    assertEquals(List.of(), one.signals().losses());
  }

  /** Fails if what is given back keeps its idle time (tried: the other waits an hour). */
  @Test
  void letsOthersHaveAtOnceWhatItGivesBack() {
    Replica one = replica("one", Streams.NEVER);
    add("a");
    one.intake().awaitAccepted(1);

    one.intake().settleHeld(Settlement.RELEASED);
    one.trigger().close();
    Replica two = replica("two", Streams.NEVER);

    two.intake().awaitAccepted(1);
    assertEquals(one.intake().ids(), two.intake().ids());
  }

  /** Fails if the entry is passed over without a word (tried: no loss is told). */
  @Test
  void tellsOfAnEntryThatWasRemovedBeforeItWasSettledAndGoesOn() {
    client.xgroupCreate(stream, Streams.GROUP, new StreamEntryID("0-0"), true);
    String own = add("own");
    readAndDie("one", 1);
    String dead = add("dead");
    readAndDie("dead", 1);
    client.xdel(stream, new StreamEntryID(own), new StreamEntryID(dead));
    add("next");

    Replica one = replica("one", SHORT);

    one.intake().awaitAccepted(1);
    Streams.await("both losses").until(() -> one.signals().losses().size() == 2);
    String told = String.join(" ", one.signals().losses());
    assertTrue(told.contains(own) && told.contains(dead), told);
    assertEquals(List.of("next"), one.data());
    one.intake().settleHeld(Settlement.DONE);
    Streams.await("nothing is pending").until(() -> pending() == 0);
  }

  /** Fails if the group is made anew without a word (tried: no loss is told). */
  @Test
  void makesALostGroupAnewAndTellsOfIt() {
    Replica one = replica("one", Streams.NEVER);
    add("a");
    one.intake().awaitAccepted(1);
    one.intake().settlingAll();

    client.xgroupDestroy(stream, Streams.GROUP);
    add("b");

    Streams.await("the new entry").until(() -> one.data().contains("b"));
    assertEquals(1, one.signals().losses().size(), one.signals().losses().toString());
    assertTrue(one.signals().losses().getFirst().contains("group"), one.signals().losses().get(0));
    assertEquals(List.of(), one.signals().failures());
  }

  @Test
  void makesALostStreamAnewAndTellsOfIt() {
    Replica one = replica("one", Streams.NEVER);
    one.intake().settlingAll();
    add("a");
    one.intake().awaitAccepted(1);

    client.del(stream);
    Streams.await("the alarm").until(() -> !one.signals().losses().isEmpty());
    add("b");

    Streams.await("the new entry").until(() -> one.data().contains("b"));
    assertEquals(List.of(), one.signals().failures());
  }

  /** Fails if the trim asks its own group only (tried: the slow group's entries are gone). */
  @Test
  void trimsOnlyWhatEveryGroupHasSettled() {
    client.xgroupCreate(stream, "slow", new StreamEntryID("0-0"), true);
    Replica one =
        replica(Streams.trimming(Streams.options(stream, "one", Streams.NEVER)), Streams.FAST);
    one.intake().settlingAll();
    for (int i = 0; i < 1_000; i++) {
      add(Integer.toString(i));
    }
    one.intake().awaitAccepted(1_000);
    Streams.await("several trims")
        .during(Streams.FAST.housekeeping().multipliedBy(4))
        .until(() -> client.xlen(stream) == 1_000);

    client.xgroupSetID(stream, "slow", StreamEntryID.XGROUP_LAST_ENTRY);

    Streams.await("the trim").until(() -> client.xlen(stream) < 300);
  }

  /** Fails if the trim goes by what was delivered (tried: the held entry is lost). */
  @Test
  void trimsNothingThatIsNotSettled() {
    Replica one =
        replica(Streams.trimming(Streams.options(stream, "one", Streams.NEVER)), Streams.FAST);
    String held = add("held");
    one.intake().awaitAccepted(1);
    one.intake().settlingAll();
    for (int i = 0; i < 1_000; i++) {
      add(Integer.toString(i));
    }
    one.intake().awaitAccepted(1_001);
    Streams.await("the others")
        .during(Streams.FAST.housekeeping().multipliedBy(4))
        .until(() -> pending() <= 1);

    assertEquals(1, client.xrange(stream, new StreamEntryID(held), new StreamEntryID(held)).size());
    one.intake().settleHeld(Settlement.DONE);
    Streams.await("the trim").until(() -> client.xlen(stream) < 300);
  }

  /**
   * Fails if a consumer goes that has something (tried: its owner is gone, and so is the entry).
   */
  @Test
  void removesConsumersThatAreIdleForLongAndHaveNothing() {
    client.xgroupCreate(stream, Streams.GROUP, new StreamEntryID("0-0"), true);
    client.xgroupCreateConsumer(stream, Streams.GROUP, "gone");
    add("a");
    readAndDie("owner", 1);
    StreamPace pace =
        new StreamPace(
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofMillis(1500),
            Duration.ofMillis(200));

    replica(Streams.options(stream, "one", Streams.NEVER), pace);

    Streams.await("the removal").until(() -> !Streams.consumers(client, stream).contains("gone"));
    assertEquals(Set.of("owner", "one"), Streams.consumers(client, stream));
  }

  @Test
  void readsNoMoreThanThereIsRoomFor() {
    Replica one = replica("one", Streams.NEVER);
    one.intake().setCapacity(3);
    for (int i = 0; i < 50; i++) {
      add(Integer.toString(i));
    }
    one.intake().awaitAccepted(3);

    Streams.await("no more is read").during(Duration.ofSeconds(1)).until(() -> pending() == 3);
    one.intake().settlingAll();
    one.intake().settleHeld(Settlement.DONE);

    one.intake().awaitAccepted(50);
    assertEquals(50, new HashSet<>(one.intake().ids()).size());
  }

  @Test
  void readsSeveralStreamsAndTellsHowMuchWaits() {
    String other = stream + "-b";
    StreamOptions options = Streams.options(stream, "one", Streams.NEVER);
    Replica one =
        replica(
            new StreamOptions(
                List.of(stream, other),
                0,
                Streams.GROUP,
                "one",
                options.start(),
                Order.KEY,
                "user",
                Streams.NEVER,
                10,
                StreamOptions.Trim.NONE),
            Streams.FAST);
    one.intake().setCapacity(2);
    client.xadd(stream, Map.of("user", "7"), XAddParams.xAddParams());
    client.xadd(other, Map.of("user", "7"), XAddParams.xAddParams());
    one.intake().awaitAccepted(2);
    add("waits");

    Set<String> sources = new HashSet<>();
    one.intake().events().forEach(event -> sources.add(event.source()));
    assertEquals(Set.of("redis:" + stream, "redis:" + other), sources);
    assertEquals(
        2,
        one.intake().accepted().stream().map(offered -> offered.lane()).distinct().count(),
        "the same key of another stream is another lane");
    Event event = one.intake().events().getFirst();
    assertEquals("{\"user\":\"7\"}", Streams.text(event));
    assertFalse(one.trigger().status().detail().contains("null"));
  }
}

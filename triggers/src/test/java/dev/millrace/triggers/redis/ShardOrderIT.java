package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.redis.Streams.Replica;
import dev.millrace.triggers.testing.FaultProxy;
import dev.millrace.triggers.testing.RedisBroker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** The order of a key over several replicas that come, go, and fall silent. */
class ShardOrderIT {

  private static final int SHARDS = 4;

  private final String stream = Servers.unique("orders");
  private final RedisClient client = Servers.client(Servers.shared());
  private final RedisPublisher publisher =
      new RedisPublisher("cache", Servers.shared(), cause -> {});
  private final List<Replica> replicas = new ArrayList<>();

  @AfterEach
  void close() {
    replicas.forEach(Replica::close);
    publisher.close();
    client.close();
  }

  private Replica replica(String consumer, RedisConnection connection, int shards) {
    Replica replica =
        Replica.start(connection, Streams.sharded(stream, shards, consumer), Streams.FAST);
    replicas.add(replica);
    return replica;
  }

  private void publish(String key, int number, int shards) throws Exception {
    publisher
        .publish(
            List.of(
                new Message(
                    "cache/sharded:" + stream + "/" + shards,
                    Servers.utf8(key),
                    List.of(),
                    Servers.utf8(key + " " + number))))
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }

  private static int shardsOf(Replica replica) {
    String detail = replica.trigger().status().detail();
    return detail.isEmpty() ? 0 : detail.split("; ", -1).length;
  }

  private long pending(int shards) {
    long pending = 0;
    for (int i = 0; i < shards; i++) {
      pending += Streams.pending(client, Shards.name(stream, i));
    }
    return pending;
  }

  private static List<Integer> numbersOf(String key, List<String> history) {
    return history.stream()
        .filter(entry -> entry.startsWith(key + " "))
        .map(entry -> Integer.parseInt(entry.substring(key.length() + 1)))
        .toList();
  }

  /** Replicas start and stop while entries come. Fails if nobody leases (tried: nobody shares). */
  @Test
  void keepsTheOrderOfEachKeyWhileReplicasComeAndGo() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int keys = 20;
    int each = 50;
    List<String> history = Collections.synchronizedList(new ArrayList<>());
    Thread producer =
        new Thread(
            () -> {
              try {
                for (int number = 0; number < each; number++) {
                  for (int key = 0; key < keys; key++) {
                    publish("key" + key, number, SHARDS);
                  }
                  Thread.sleep(random.nextInt(200));
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    recording(replica("a", Servers.shared(), SHARDS), history);
    Streams.await("the first has all").until(() -> shardsOf(replicas.get(0)) == SHARDS);
    producer.start();
    recording(replica("b", Servers.shared(), SHARDS), history);
    Streams.await("they share")
        .until(() -> shardsOf(replicas.get(0)) == 2 && shardsOf(replicas.get(1)) == 2);
    recording(replica("c", Servers.shared(), SHARDS), history);
    Streams.await("all three have some").until(() -> shardsOf(replicas.get(2)) > 0);
    replicas.get(0).trigger().close();
    Streams.await("the others have all")
        .until(() -> shardsOf(replicas.get(1)) + shardsOf(replicas.get(2)) == SHARDS);
    producer.join();

    Streams.await("all of them").until(() -> history.size() >= keys * each);
    Streams.await("all acknowledged").until(() -> pending(SHARDS) == 0);
    List<Integer> expected = IntStream.range(0, each).boxed().toList();
    for (int key = 0; key < keys; key++) {
      assertEquals(expected, numbersOf("key" + key, history), "key" + key + ", seed " + seed);
    }
  }

  private static void recording(Replica replica, List<String> history) {
    replica
        .intake()
        .settlingBy(
            (Event event) -> {
              history.add(Streams.text(event));
              return Settlement.DONE;
            });
  }

  /**
   * A holder falls silent with entries in work, another one takes over, the first one comes back
   * and settles. Fails if acknowledging does not ask for the lease (tried: the first one
   * acknowledges what the second is still at).
   */
  @Test
  void neverAcknowledgesWhatItHasLostTheLeaseOf() throws Exception {
    try (FaultProxy proxy = FaultProxy.before(RedisBroker.url().getPort())) {
      Replica first = replica("a", Servers.at(proxy.port()), 1);
      Streams.await("the lease").until(() -> shardsOf(first) == 1);
      for (int number = 0; number < 5; number++) {
        publish("key", number, 1);
      }
      first.intake().awaitAccepted(5);
      first.intake().held().get(0).settle(Settlement.DONE);
      Streams.await("one acknowledgement").until(() -> pending(1) == 4);

      proxy.refuse(true);
      proxy.freeze();
      Replica second = replica("b", Servers.shared(), 1);
      second.intake().awaitAccepted(4);
      assertEquals(List.of("key 1", "key 2", "key 3", "key 4"), second.data());

      first.intake().settleHeld(Settlement.DONE);
      proxy.reset();
      proxy.refuse(false);
      Streams.await("the first is back").until(() -> first.signals().connections().size() >= 2);
      Streams.await("it settles nothing")
          .during(Streams.FAST.lease().multipliedBy(2))
          .until(() -> pending(1) == 4 || shardsOf(first) == 1);
      // "a" comes before "b", so it is its turn: the second gives the shard back when it is done.
      second.intake().settlingAll();
      second.intake().settleHeld(Settlement.DONE);
      Streams.await("all acknowledged").until(() -> pending(1) == 0);

      publish("key", 5, 1);
      Streams.await("the next one, on either")
          .until(() -> first.data().contains("key 5") || second.data().contains("key 5"));
      assertEquals(List.of(), first.signals().losses());
    }
  }

  /** Fails if the next holder does not claim what is pending (tried: 3 comes first, 0 never). */
  @Test
  void runsWhatASilentHolderLeftBeforeAnythingNewer() throws Exception {
    try (FaultProxy proxy = FaultProxy.before(RedisBroker.url().getPort())) {
      Replica second = replica("b", Servers.shared(), 1);
      second.intake().settlingAll();
      Streams.await("the lease").until(() -> shardsOf(second) == 1);
      Replica first = replica("a", Servers.at(proxy.port()), 1);
      Streams.await("its turn").until(() -> shardsOf(first) == 1 && shardsOf(second) == 0);
      for (int number = 0; number < 3; number++) {
        publish("key", number, 1);
      }
      first.intake().awaitAccepted(3);

      proxy.refuse(true);
      proxy.freeze();
      for (int number = 3; number < 6; number++) {
        publish("key", number, 1);
      }

      second.intake().awaitAccepted(6);
      assertEquals(List.of(0, 1, 2, 3, 4, 5), numbersOf("key", second.data()));
      proxy.reset();
    }
  }
}

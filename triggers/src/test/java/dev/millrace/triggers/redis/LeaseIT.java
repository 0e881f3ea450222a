package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.redis.Lease.Hold;
import dev.millrace.triggers.redis.StreamGroup.Entry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** One holder at a time, and what Redis lets somebody do who only believes to be it. */
class LeaseIT {

  private static final Duration LIMIT = Duration.ofMillis(300);

  private final String stream = Servers.unique("orders");
  private final RedisClient client = Servers.client(Servers.shared());
  private final CommandLink link = CommandLink.open(Servers.shared(), Servers.FAST, stream);
  private final String key = Beside.key(stream, "lease");

  @BeforeEach
  void add() {
    StreamGroup group = group("a");
    group.create(link, "0");
    Streams.add(client, stream, "0");
    Streams.add(client, stream, "1");
  }

  @AfterEach
  void close() {
    link.close();
    client.close();
  }

  private StreamGroup group(String consumer) {
    return new StreamGroup(stream, Streams.GROUP, consumer);
  }

  private Lease lease(String member, int number) {
    return new Lease(key, member, number, LIMIT);
  }

  /** Fails if the token is not looked at (tried: both hold it). */
  @Test
  void isHeldByOne() {
    Lease first = lease("a", -1);
    Lease second = lease("b", -1);

    assertEquals(Hold.TAKEN, first.renew(link));
    assertEquals(Hold.HELD, first.renew(link));
    assertEquals(Hold.NONE, second.renew(link));
    assertTrue(first.isValid());
    assertFalse(second.isValid());

    first.release(link);
    assertFalse(first.isValid());
    Streams.await("the other").until(() -> second.renew(link) == Hold.TAKEN);
  }

  @Test
  void endsIfItIsNotRenewed() {
    Lease first = lease("a", -1);
    Lease second = lease("b", -1);
    first.renew(link);

    Streams.await("the end").until(() -> second.renew(link) == Hold.TAKEN);

    assertFalse(first.isValid());
    Streams.await("the next look").until(() -> first.renew(link) == Hold.NONE);
  }

  @Test
  void goesRoundByTheOrderOfTheNames() {
    Lease ofB = lease("b", 3);
    assertEquals(Hold.TAKEN, ofB.renew(link), "alone");
    Lease ofA = lease("a", 3);
    assertEquals(Hold.NONE, ofA.renew(link), "of a and b, the fourth is b's turn");

    Lease ofC = lease("c", 3);
    ofC.renew(link);
    Streams.await("of a, b and c, it is a's").until(() -> ofB.renew(link) == Hold.YIELD);
    ofB.release(link);

    Streams.await("its turn").until(() -> ofA.renew(link) == Hold.TAKEN);
  }

  /** Fails without the look at the token in the script of reading (tried: it gets the entries). */
  @Test
  void giveNothingToWhomeverHasLostIt() {
    Lease lost = lease("a", -1);
    lost.renew(link);
    client.set(key, "somebody else");

    assertEquals(List.of(), group("a").readNew(link, 10, lost));

    client.del(key);
    lost.release(link);
    Lease held = lease("b", -1);
    held.renew(link);
    assertEquals(2, group("b").readNew(link, 10, held).size());
  }

  /** Fails without the look at the token in the script of acknowledging (tried: all are gone). */
  @Test
  void acknowledgeNothingForWhomeverHasLostIt() {
    Lease lease = lease("a", -1);
    lease.renew(link);
    List<EntryId> read = group("a").readNew(link, 10, lease).stream().map(Entry::id).toList();
    client.set(key, "somebody else");

    assertEquals(-1, group("a").acknowledge(link, read, lease));

    assertEquals(2, Streams.pending(client, stream));
  }
}

package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.triggers.redis.Subscription.Frame;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisConnectionException;

class SubscriptionIT {

  private static Subscription subscription() {
    return new Subscription(
        Servers.shared(), Servers.FAST, List.of(Servers.unique("a")), List.of("b.*"));
  }

  @Test
  void confirmsEachChannelAndPatternAndAnswersPings() {
    try (Subscription link = subscription()) {
      assertInstanceOf(Frame.Subscribed.class, link.next());
      assertInstanceOf(Frame.Subscribed.class, link.next());

      link.pingServer();

      assertInstanceOf(Frame.Pong.class, link.next());
    }
  }

  @Test
  void isNotOpenedAgainByAPingThatCameTooLate() {
    Subscription link = subscription();
    link.cut();

    assertThrows(JedisConnectionException.class, link::pingServer);

    assertFalse(link.isConnected());
  }
}

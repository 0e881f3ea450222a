package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** What becomes of a sender whose thread meets a bug. */
class CommandSenderIT {

  /** Fails if the death is an ERROR line only (tried: nobody is told, and the test waits). */
  @Test
  void tellsThatItsThreadDiedAndFailsWhatItIsGiven() throws Exception {
    CompletableFuture<Throwable> death = new CompletableFuture<>();
    RedisCommand ping = new RedisCommand(new CommandArguments(Command.PING), "key", 4);
    try (CommandSender sender =
        new CommandSender(
            "cache",
            Servers.shared(),
            Servers.FAST,
            fresh -> {
              throw new IllegalStateException("a bug");
            },
            death::complete)) {
      CompletableFuture<Void> first = sender.send(List.of(ping)).toCompletableFuture();

      assertEquals("a bug", death.get(60, TimeUnit.SECONDS).getMessage());
      assertThrows(ExecutionException.class, () -> first.get(60, TimeUnit.SECONDS));
      assertThrows(
          ExecutionException.class,
          () -> sender.send(List.of(ping)).toCompletableFuture().get(60, TimeUnit.SECONDS));
    }
  }
}

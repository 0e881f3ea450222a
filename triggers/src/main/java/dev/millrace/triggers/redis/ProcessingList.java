package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * The commands with which a consumer takes elements of a list. What it has taken lies in a list of
 * its own until it is settled; a key that expires says that the consumer is alive; a set names all
 * consumers. Has no state; needs Redis 6.2.
 */
final class ProcessingList {

  /** The oldest element comes last and ends where elements are taken. */
  private static final String GIVE_BACK_OF_DEAD =
      """
      if redis.call('exists', KEYS[2]) == 1 then return -1 end
      local count = 0
      while redis.call('lmove', KEYS[1], KEYS[3], 'left', ARGV[1]) do count = count + 1 end
      redis.call('srem', KEYS[4], ARGV[2])
      return count
      """;

  private static final String GIVE_BACK =
      """
      local count = 0
      for i = 2, #ARGV do
        if redis.call('lrem', KEYS[1], 1, ARGV[i]) == 1 then
          redis.call(ARGV[1], KEYS[2], ARGV[i])
          count = count + 1
        end
      end
      return count
      """;

  private static final int PAGE = 1000;

  private final String list;
  private final String consumer;
  private final ListOptions.End take;
  private final String consumers;

  ProcessingList(String list, String consumer, ListOptions.End take) {
    this.list = list;
    this.consumer = consumer;
    this.take = take;
    this.consumers = Beside.key(list, "consumers");
  }

  private String processing(String ofConsumer) {
    return Beside.key(list, "processing:" + ofConsumer);
  }

  private String alive(String ofConsumer) {
    return Beside.key(list, "alive:" + ofConsumer);
  }

  /** Says that this consumer is there and will be heard of again within the limit. */
  void signLife(CommandLink link, Duration limit) {
    // In this order: who is in the set without the key is dead.
    link.call(
        new CommandArguments(Command.SET)
            .key(alive(consumer))
            .add(1)
            .add("PX")
            .add(limit.toMillis()));
    link.call(new CommandArguments(Command.SADD).key(consumers).add(consumer));
  }

  /** Takes one element, waiting for it; {@code null} if none came. */
  byte @Nullable [] take(CommandLink link, Duration wait) {
    CommandArguments move = move(Command.BLMOVE);
    return bytes(link.call(move.add(wait.toMillis() / 1000.0)));
  }

  /** Takes up to so many elements that are there. */
  List<byte[]> take(CommandLink link, int count) {
    List<CommandArguments> moves = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      moves.add(move(Command.LMOVE));
    }
    List<byte[]> taken = new ArrayList<>();
    for (Object answer : link.callAll(moves)) {
      byte[] element = bytes(answer);
      if (element != null) {
        taken.add(element);
      }
    }
    return taken;
  }

  private CommandArguments move(Command command) {
    return new CommandArguments(command)
        .key(list)
        .key(processing(consumer))
        .add(take.name())
        .add(ListOptions.End.LEFT.name());
  }

  private static byte @Nullable [] bytes(@Nullable Object answer) {
    if (answer == null) {
      return null;
    }
    if (answer instanceof byte[] bytes) {
      return bytes;
    }
    if (answer instanceof RuntimeException refusal) {
      throw refusal;
    }
    throw Replies.unexpected("an element", answer);
  }

  /** What this consumer has taken and not settled, oldest first. */
  List<byte[]> taken(CommandLink link) {
    List<byte[]> elements = new ArrayList<>();
    Object answer =
        link.call(new CommandArguments(Command.LRANGE).key(processing(consumer)).add(0).add(-1));
    for (Object element : Replies.list(answer).reversed()) {
      byte[] bytes = bytes(element);
      if (bytes != null) {
        elements.add(bytes);
      }
    }
    return elements;
  }

  /** Removes settled elements; how many were still there. */
  long settle(CommandLink link, List<byte[]> elements) {
    List<CommandArguments> removals = new ArrayList<>(elements.size());
    for (byte[] element : elements) {
      removals.add(
          new CommandArguments(Command.LREM).key(processing(consumer)).add(-1).add(element));
    }
    long removed = 0;
    for (Object answer : link.callAll(removals)) {
      if (answer instanceof RuntimeException refusal) {
        throw refusal;
      }
      removed += Replies.number(answer);
    }
    return removed;
  }

  /** Puts unsettled elements back where they were taken. */
  void giveBack(CommandLink link, List<byte[]> elements) {
    for (int from = 0; from < elements.size(); from += PAGE) {
      CommandArguments back =
          new CommandArguments(Command.EVAL)
              .add(GIVE_BACK)
              .add(2)
              .key(processing(consumer))
              .key(list)
              .add(take == ListOptions.End.LEFT ? "lpush" : "rpush");
      elements.subList(from, Math.min(elements.size(), from + PAGE)).forEach(back::add);
      link.call(back);
    }
  }

  /** Gives back what consumers had taken that gave no sign of life; how many elements. */
  long giveBackOfTheDead(CommandLink link) {
    long count = 0;
    for (Object member :
        Replies.list(link.call(new CommandArguments(Command.SMEMBERS).key(consumers)))) {
      String other = Replies.text(member);
      if (!other.equals(consumer)) {
        long moved =
            Replies.number(
                link.call(
                    new CommandArguments(Command.EVAL)
                        .add(GIVE_BACK_OF_DEAD)
                        .add(4)
                        .key(processing(other))
                        .key(alive(other))
                        .key(list)
                        .key(consumers)
                        .add(take.name())
                        .add(other)));
        count += Math.max(0, moved);
      }
    }
    return count;
  }

  /** How many elements wait for anybody. */
  long length(CommandLink link) {
    return Replies.number(link.call(new CommandArguments(Command.LLEN).key(list)));
  }

  /** This consumer ends: what it has not settled may be given back at once. */
  void leave(CommandLink link) {
    link.call(new CommandArguments(Command.DEL).key(alive(consumer)));
  }
}

package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The commands of one consumer in one group of one stream. Has no state; needs Redis 6.2.
 *
 * @param stream the stream's key
 * @param group the group
 * @param consumer this consumer
 */
record StreamGroup(String stream, String group, String consumer) {

  private static final int PAGE = 1000;

  /** Between the look and the removal nobody may get entries, or they would be forgotten. */
  private static final String REMOVE_IDLE_CONSUMERS =
      """
      local removed = 0
      for _, row in ipairs(redis.call('xinfo', 'consumers', KEYS[1], ARGV[1])) do
        local it = {}
        for i = 1, #row, 2 do it[row[i]] = row[i + 1] end
        if it.name ~= ARGV[2] and it.pending == 0 and it.idle > tonumber(ARGV[3]) then
          redis.call('xgroup', 'delconsumer', KEYS[1], ARGV[1], it.name)
          removed = removed + 1
        end
      end
      return removed
      """;

  private static final String READ_IF_LEASED =
      """
      if redis.call('get', KEYS[2]) ~= ARGV[1] then return false end
      return redis.call('xreadgroup', 'group', ARGV[2], ARGV[3], 'count', ARGV[4],
          'streams', KEYS[1], '>')
      """;

  private static final String ACKNOWLEDGE_IF_LEASED =
      """
      if redis.call('get', KEYS[2]) ~= ARGV[1] then return -1 end
      return redis.call('xack', KEYS[1], ARGV[2], unpack(ARGV, 3))
      """;

  /**
   * An entry as the server gives it.
   *
   * @param fields name, value, name, value, …; {@code null} if the entry was removed from the
   *     stream while it waited to be acknowledged
   */
  record Entry(EntryId id, @Nullable List<byte[]> fields) {}

  /**
   * What one step of claiming brought.
   *
   * @param next where the next step begins; empty after the last one
   * @param entries now ours
   * @param removed entries that were given to a consumer and removed from the stream since; no
   *     longer waiting
   * @param unknownRemoved whether there are such entries whose ids the server does not tell; they
   *     are ours now
   */
  record Claimed(
      Optional<EntryId> next, List<Entry> entries, List<EntryId> removed, boolean unknownRemoved) {}

  /** How far the group is; the lag is empty where the server does not know it. */
  record Progress(EntryId lastDelivered, long pending, OptionalLong lag) {}

  /**
   * Makes the group, and the stream, if they are missing.
   *
   * @param from an id, or {@code $} for the end of the stream
   * @return whether the group was missing
   */
  boolean create(CommandLink link, String from) {
    try {
      link.call(
          new CommandArguments(Command.XGROUP)
              .add("CREATE")
              .key(stream)
              .add(group)
              .add(from)
              .add("MKSTREAM"));
      return true;
    } catch (JedisDataException e) {
      if (String.valueOf(e.getMessage()).startsWith("BUSYGROUP")) {
        return false;
      }
      throw e;
    }
  }

  /** Entries that no consumer has had yet. Waits for one if there is none. */
  List<Entry> readNew(CommandLink link, int count, Duration wait) {
    return entriesOfStream(
        link.call(
            new CommandArguments(Command.XREADGROUP)
                .add("GROUP")
                .add(group)
                .add(consumer)
                .add("COUNT")
                .add(count)
                .add("BLOCK")
                .add(Math.max(1, wait.toMillis()))
                .add("STREAMS")
                .key(stream)
                .add(">")));
  }

  /** The same without waiting, and only if the lease is ours at that moment. */
  List<Entry> readNew(CommandLink link, int count, Lease lease) {
    return entriesOfStream(
        link.call(
            new CommandArguments(Command.EVAL)
                .add(READ_IF_LEASED)
                .add(2)
                .key(stream)
                .key(lease.key())
                .add(lease.token())
                .add(group)
                .add(consumer)
                .add(count)));
  }

  /** Waits until there is an entry behind the given one, and gives it to nobody. */
  void awaitEntry(CommandLink link, EntryId after, Duration wait) {
    link.call(
        new CommandArguments(Command.XREAD)
            .add("COUNT")
            .add(1)
            .add("BLOCK")
            .add(Math.max(1, wait.toMillis()))
            .add("STREAMS")
            .key(stream)
            .add(after.toString()));
  }

  /** Entries that this consumer has been given and has not acknowledged, in their order. */
  List<Entry> readOwn(CommandLink link, EntryId after, int count) {
    return entriesOfStream(
        link.call(
            new CommandArguments(Command.XREADGROUP)
                .add("GROUP")
                .add(group)
                .add(consumer)
                .add("COUNT")
                .add(count)
                .add("STREAMS")
                .key(stream)
                .add(after.toString())));
  }

  /** Takes entries over that have lain with any consumer for so long. */
  Claimed claim(CommandLink link, Duration minIdle, EntryId from, int count) {
    List<?> answer =
        Replies.list(
            link.call(
                new CommandArguments(Command.XAUTOCLAIM)
                    .key(stream)
                    .add(group)
                    .add(consumer)
                    .add(minIdle.toMillis())
                    .add(from.toString())
                    .add("COUNT")
                    .add(count)));
    List<Entry> entries = new ArrayList<>();
    boolean unknownRemoved = false;
    for (Object row : Replies.list(answer.get(1))) {
      if (row == null) {
        unknownRemoved = true; // Redis 6.2 says no more
      } else {
        entries.add(entry(row));
      }
    }
    List<EntryId> removed = new ArrayList<>();
    if (answer.size() > 2) {
      Replies.list(answer.get(2)).forEach(id -> removed.add(EntryId.parse(Replies.text(id))));
    }
    EntryId next = EntryId.parse(Replies.text(answer, 0));
    return new Claimed(
        next.equals(EntryId.NONE) ? Optional.empty() : Optional.of(next),
        entries,
        removed,
        unknownRemoved);
  }

  /** The entries of this consumer that have had no sign of life for so long. */
  List<EntryId> idle(CommandLink link, Duration minIdle) {
    List<EntryId> ids = new ArrayList<>();
    String from = "-";
    while (true) {
      List<?> rows =
          Replies.list(
              link.call(
                  new CommandArguments(Command.XPENDING)
                      .key(stream)
                      .add(group)
                      .add("IDLE")
                      .add(minIdle.toMillis())
                      .add(from)
                      .add("+")
                      .add(PAGE)
                      .add(consumer)));
      for (Object row : rows) {
        ids.add(EntryId.parse(Replies.text(Replies.list(row), 0)));
      }
      if (rows.size() < PAGE) {
        return ids;
      }
      from = "(" + ids.getLast();
    }
  }

  /**
   * Says that this consumer is at work on entries, so that nobody takes them over; or, with an idle
   * time, that anybody may.
   */
  void mark(CommandLink link, List<EntryId> ids, Duration idle) {
    forPages(
        ids,
        page -> {
          CommandArguments claim =
              new CommandArguments(Command.XCLAIM).key(stream).add(group).add(consumer).add(0);
          page.forEach(id -> claim.add(id.toString()));
          link.call(claim.add("IDLE").add(idle.toMillis()).add("JUSTID"));
        });
  }

  /** Acknowledges entries; how many of them were still waiting for it. */
  long acknowledge(CommandLink link, List<EntryId> ids) {
    long[] acknowledged = {0};
    forPages(
        ids,
        page -> {
          CommandArguments ack = new CommandArguments(Command.XACK).key(stream).add(group);
          page.forEach(id -> ack.add(id.toString()));
          acknowledged[0] += Replies.number(link.call(ack));
        });
    return acknowledged[0];
  }

  /** The same, but only if the lease is ours at that moment; -1 if it is not. */
  long acknowledge(CommandLink link, List<EntryId> ids, Lease lease) {
    long[] acknowledged = {0};
    forPages(
        ids,
        page -> {
          CommandArguments ack =
              new CommandArguments(Command.EVAL)
                  .add(ACKNOWLEDGE_IF_LEASED)
                  .add(2)
                  .key(stream)
                  .key(lease.key())
                  .add(lease.token())
                  .add(group);
          page.forEach(id -> ack.add(id.toString()));
          long count = Replies.number(link.call(ack));
          acknowledged[0] = count < 0 || acknowledged[0] < 0 ? -1 : acknowledged[0] + count;
        });
    return acknowledged[0];
  }

  private static void forPages(List<EntryId> ids, java.util.function.Consumer<List<EntryId>> use) {
    for (int from = 0; from < ids.size(); from += PAGE) {
      use.accept(ids.subList(from, Math.min(ids.size(), from + PAGE)));
    }
  }

  /** The last id that the stream ever gave out. */
  EntryId lastGenerated(CommandLink link) {
    Map<String, @Nullable Object> info =
        Replies.map(link.call(new CommandArguments(Command.XINFO).add("STREAM").key(stream)));
    return EntryId.parse(Replies.text(info.get("last-generated-id")));
  }

  /** How far this group is; empty if there is no such group. */
  Optional<Progress> progress(CommandLink link) {
    for (Object row : groups(link)) {
      Map<String, @Nullable Object> info = Replies.map(row);
      if (Replies.text(info.get("name")).equals(group)) {
        return Optional.of(
            new Progress(
                EntryId.parse(Replies.text(info.get("last-delivered-id"))),
                Replies.number(info.get("pending")),
                info.get("lag") instanceof Long lag && lag >= 0
                    ? OptionalLong.of(lag)
                    : OptionalLong.empty()));
      }
    }
    return Optional.empty();
  }

  private List<?> groups(CommandLink link) {
    return Replies.list(link.call(new CommandArguments(Command.XINFO).add("GROUPS").key(stream)));
  }

  /**
   * Removes the entries that every group of the stream has settled; roughly, as Redis removes whole
   * nodes of some hundred entries only. How many were removed.
   */
  long trimSettled(CommandLink link) {
    EntryId needed = null;
    for (Object row : groups(link)) {
      Map<String, @Nullable Object> info = Replies.map(row);
      EntryId first = EntryId.parse(Replies.text(info.get("last-delivered-id"))).next();
      List<?> pending =
          Replies.list(
              link.call(
                  new CommandArguments(Command.XPENDING)
                      .key(stream)
                      .add(Replies.text(info.get("name")))));
      if (Replies.number(pending.get(0)) > 0) {
        EntryId lowest = EntryId.parse(Replies.text(pending, 1));
        first = lowest.compareTo(first) < 0 ? lowest : first;
      }
      needed = needed == null || first.compareTo(needed) < 0 ? first : needed;
    }
    return needed == null
        ? 0
        : Replies.number(
            link.call(
                new CommandArguments(Command.XTRIM)
                    .key(stream)
                    .add("MINID")
                    .add("~")
                    .add(needed.toString())));
  }

  /** Removes consumers that have nothing and gave no sign of life for so long; how many. */
  long removeIdleConsumers(CommandLink link, Duration idle) {
    return Replies.number(
        link.call(
            new CommandArguments(Command.EVAL)
                .add(REMOVE_IDLE_CONSUMERS)
                .add(1)
                .key(stream)
                .add(group)
                .add(consumer)
                .add(idle.toMillis())));
  }

  private static List<Entry> entriesOfStream(@Nullable Object answer) {
    List<Entry> entries = new ArrayList<>();
    if (answer != null) {
      for (Object ofStream : Replies.list(answer)) {
        for (Object row : Replies.list(Replies.list(ofStream).get(1))) {
          entries.add(entry(row));
        }
      }
    }
    return entries;
  }

  private static Entry entry(Object row) {
    List<?> parts = Replies.list(row);
    List<byte[]> fields = null;
    if (parts.get(1) != null) {
      fields = new ArrayList<>();
      for (Object field : Replies.list(parts.get(1))) {
        if (!(field instanceof byte[] bytes)) {
          throw Replies.unexpected("a field of an entry", field);
        }
        fields.add(bytes);
      }
    }
    return new Entry(EntryId.parse(Replies.text(parts, 0)), fields);
  }
}

package dev.millrace.triggers.redis;

import dev.millrace.triggers.LaneName;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.redis.StreamGroup.Claimed;
import dev.millrace.triggers.redis.StreamGroup.Entry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Reads one stream as a consumer of a group.
 *
 * <p>After each connection it first reads what it was given and has not acknowledged, then what is
 * new. While events run or wait for a retry it gives signs of life for their entries; entries of
 * consumers that give none any more it takes over. An entry is acknowledged after its settlement,
 * many at once. An entry that comes again while it is still here is not offered again.
 *
 * <p>With a {@link Lease} the stream is read and acknowledged by its holder only, which Redis
 * checks in the same step; the holder takes over whatever anybody left unfinished before it reads
 * on. So the order of the entries holds over any number of replicas.
 *
 * <p>Confined to the loop's thread but for {@link #pause}, {@link #wake}, {@link #lag} and {@link
 * #detail}.
 */
final class StreamLoop implements IntakeWork {

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(StreamLoop.class);

  private final TriggerContext context;
  private final StreamOptions options;
  private final StreamGroup group;

  /** The stream as the source of its entries. */
  private final String source;

  private final StreamPace pace;
  private final @Nullable Lease lease;
  private final Inflow<EntryId> inflow;
  private final Handover<EntryId> handover;
  private final List<EntryId> acknowledging = new ArrayList<>();
  private final Due heartbeat;
  private final Due claim;
  private final Due housekeeping;
  private final Due consumerLook;

  /** Where reading what is ours already goes on; {@code null} when all of it is read. */
  private @Nullable EntryId ownAfter = EntryId.NONE;

  /** The highest id seen: Redis may lose entries, but an id never comes back. */
  private EntryId highest = EntryId.NONE;

  private boolean groupSeen;
  private boolean appendOnlyChecked;
  private boolean holding;

  private volatile OptionalLong lag = OptionalLong.empty();
  private volatile String detail = "";

  /** A lane: entries of a stream with this key. */
  private record Lane(String stream, ByteBuffer key) {
    @Override
    public String toString() {
      byte[] bytes = new byte[key.remaining()];
      key.duplicate().get(bytes);
      return LaneName.of(stream, bytes);
    }
  }

  /**
   * A loop for one of the options' keys.
   *
   * @param shard the number of the stream among its shards; -1 if it is none
   */
  StreamLoop(
      TriggerContext context, StreamOptions options, StreamPace pace, String stream, int shard) {
    this.context = context;
    this.options = options;
    this.pace = pace;
    this.group = new StreamGroup(stream, options.group(), options.consumer());
    this.source = SourceName.of(stream);
    this.lease =
        shard < 0
            ? null
            : new Lease(
                Beside.key(stream, options.group() + ":lease"),
                options.consumer(),
                shard,
                pace.lease());
    this.inflow = new Inflow<>(context.intake(), options.batch());
    this.handover = inflow.handover();
    this.heartbeat = new Due(options.claimAfter().dividedBy(3));
    Duration look = options.claimAfter().dividedBy(2);
    this.claim = new Due(look.compareTo(LONGEST_LOOK) < 0 ? look : LONGEST_LOOK);
    this.housekeeping = new Due(pace.housekeeping());
    this.consumerLook = new Due(pace.consumerLook());
  }

  @Override
  public String key() {
    return group.stream();
  }

  @Override
  public void pause(boolean now) {
    inflow.pause(now);
  }

  @Override
  public void wake() {
    inflow.wake();
  }

  @Override
  public OptionalLong lag() {
    return lag;
  }

  @Override
  public String detail() {
    return detail;
  }

  @Override
  public void attach(CommandLink link) {
    inflow.belongsToThisThread();
    Commands.require(link, "XAUTOCLAIM", "Redis 6.2 or newer");
    ensureGroup(link);
    if (!appendOnlyChecked) {
      appendOnlyChecked = true;
      if (AppendOnly.isMissing(link)) {
        LOG.atWarn()
            .addKeyValue("trigger", context.name())
            .addKeyValue("stream", group.stream())
            .log(
                "this Redis keeps no append-only file: if it crashes, entries and the group's"
                    + " position since its last snapshot are lost; set appendonly yes");
      }
    }
    ownAfter = EntryId.NONE;
    // Entries may have waited with a consumer that is gone for longer than we have been away.
    claim.hurry();
    housekeeping.hurry();
  }

  /** Makes the group; where it has been and is gone, entries may be gone with it. */
  private void ensureGroup(CommandLink link) {
    boolean latest = !groupSeen && options.start() == StreamOptions.Start.LATEST;
    boolean made = group.create(link, latest ? "$" : "0");
    if (made && groupSeen) {
      highest = EntryId.NONE;
      lost(
          "the group '"
              + group.group()
              + "' of stream '"
              + group.stream()
              + "' was gone, and with it what it knew to be unfinished; it is made anew at the"
              + " beginning, and entries that are still in the stream run again");
    } else if (!made) {
      EntryId last = group.lastGenerated(link);
      if (last.compareTo(highest) < 0) {
        lost(
            "stream '"
                + group.stream()
                + "' ends at "
                + last
                + ", but an entry "
                + highest
                + " had been read: Redis came back without its latest entries");
        highest = last;
      }
    }
    groupSeen = true;
  }

  private void lost(String what) {
    context.signals().dataLoss(what);
  }

  @Override
  public void step(CommandLink link) {
    try {
      work(link);
    } catch (JedisDataException e) {
      String answer = String.valueOf(e.getMessage());
      boolean gone =
          answer.contains("NOGROUP")
              || answer.startsWith("UNBLOCKED")
              || answer.contains("no such key");
      if (!gone) {
        throw e;
      }
      ensureGroup(link);
      ownAfter = EntryId.NONE;
    }
  }

  private void work(CommandLink link) {
    acknowledging.addAll(handover.takeAcknowledged());
    if (lease != null && !mayWork(link, lease)) {
      return;
    }
    acknowledge(link);
    care(link);
    int wanted = inflow.wanted();
    if (wanted > 0) {
      fetch(link, wanted);
      inflow.offer();
    }
  }

  private void fetch(CommandLink link, int count) {
    if (ownAfter != null) {
      List<Entry> own = group.readOwn(link, ownAfter, count);
      own.forEach(entry -> take(entry));
      ownAfter = own.isEmpty() ? null : own.getLast().id();
      return;
    }
    Duration wait = Inflow.pace(handover.running() > 0 || !acknowledging.isEmpty());
    if (lease == null) {
      group.readNew(link, count, wait).forEach(this::take);
      return;
    }
    List<Entry> read = group.readNew(link, count, lease);
    read.forEach(this::take);
    if (read.isEmpty()) {
      Optional<StreamGroup.Progress> progress = group.progress(link);
      if (progress.isPresent()) {
        group.awaitEntry(link, progress.get().lastDelivered(), wait);
      }
    }
  }

  private void take(Entry entry) {
    if (entry.id().compareTo(highest) > 0) {
      highest = entry.id();
    }
    if (handover.knows(entry.id())) {
      return;
    }
    List<byte[]> fields = entry.fields();
    if (fields == null) {
      removedWhilePending(entry.id());
      acknowledging.add(entry.id());
      return;
    }
    StreamEvent event =
        StreamEvent.of(group.stream(), source, entry.id(), fields, options.keyField());
    handover.add(new Handover.Item<>(entry.id(), event, lane(event)));
  }

  private void removedWhilePending(EntryId id) {
    lost(
        "entry "
            + id
            + " of stream '"
            + group.stream()
            + "' was removed before it was settled, by a trim or a deletion; it cannot be run");
  }

  private @Nullable Object lane(StreamEvent event) {
    byte[] key = event.key();
    return switch (options.order()) {
      case NONE -> null;
      case PARTITION -> group.stream();
      case KEY -> key == null ? null : new Lane(group.stream(), ByteBuffer.wrap(key));
    };
  }

  private void acknowledge(CommandLink link) {
    if (acknowledging.isEmpty()) {
      return;
    }
    long count =
        lease == null
            ? group.acknowledge(link, acknowledging)
            : group.acknowledge(link, acknowledging, lease);
    if (count < 0) {
      loseLease();
      return;
    }
    if (count < acknowledging.size()) {
      LOG.atInfo()
          .addKeyValue("trigger", context.name())
          .addKeyValue("stream", group.stream())
          .addKeyValue("entries", acknowledging.size() - count)
          .log(
              "entries did not wait for their acknowledgement any more: a replica had taken them"
                  + " over and was first, or the group is a new one");
    }
    acknowledging.clear();
  }

  /** Signs of life, entries of the dead, and housekeeping, each when it is due. */
  private void care(CommandLink link) {
    if (lease == null) {
      if (heartbeat.now()) {
        List<EntryId> ours = new ArrayList<>();
        for (EntryId id : group.idle(link, options.claimAfter().dividedBy(6))) {
          if (handover.isOpen(id)) {
            ours.add(id);
          }
        }
        group.mark(link, ours, Duration.ZERO);
      }
      if (!inflow.isPaused() && handover.waiting() == 0 && claim.now()) {
        claimFromTheDead(link);
      }
    }
    if (housekeeping.now()) {
      lag = group.progress(link).map(StreamGroup.Progress::lag).orElse(OptionalLong.empty());
      if (options.trim() == StreamOptions.Trim.SETTLED) {
        group.trimSettled(link);
      }
    }
    if (consumerLook.now()) {
      removeIdleConsumers(link);
    }
  }

  private void removeIdleConsumers(CommandLink link) {
    try {
      long removed = group.removeIdleConsumers(link, pace.consumerIdle());
      if (removed > 0) {
        LOG.atInfo()
            .addKeyValue("trigger", context.name())
            .addKeyValue("stream", group.stream())
            .addKeyValue("consumers", removed)
            .log("removed consumers that were idle for long and had nothing");
      }
    } catch (JedisAccessControlException e) {
      LOG.atDebug()
          .addKeyValue("trigger", context.name())
          .addKeyValue("reason", e.getMessage())
          .log("may not remove idle consumers");
    }
  }

  private void claimFromTheDead(CommandLink link) {
    Optional<EntryId> from = Optional.of(EntryId.NONE);
    int room = inflow.room();
    while (from.isPresent() && room > 0) {
      Claimed claimed = group.claim(link, options.claimAfter(), from.get(), room);
      room -= take(claimed);
      from = claimed.next();
    }
    if (from.isPresent()) {
      claim.hurry();
    }
  }

  private int take(Claimed claimed) {
    int before = handover.waiting();
    claimed.entries().forEach(this::take);
    claimed.removed().stream().filter(id -> !handover.knows(id)).forEach(this::removedWhilePending);
    if (claimed.unknownRemoved()) {
      ownAfter = EntryId.NONE; // they are ours now, and reading them tells their ids
    }
    return handover.waiting() - before;
  }

  private boolean mayWork(CommandLink link, Lease held) {
    Lease.Hold hold = held.renew(link);
    if (hold == Lease.Hold.NONE || !held.isValid()) {
      if (holding) {
        loseLease();
      }
      acknowledging.clear();
      inflow.rest(min(held.limit().dividedBy(3), Inflow.pace(false)));
      return false;
    }
    if (hold == Lease.Hold.TAKEN || !holding) {
      takeOver(link);
    }
    if (hold == Lease.Hold.YIELD) {
      if (!handover.dropWaiting().isEmpty()) {
        ownAfter = EntryId.NONE; // should it be our turn again before we are done
      }
      acknowledge(link);
      if (handover.running() == 0 && acknowledging.isEmpty()) {
        held.release(link);
        holding = false;
        detail = "";
        LOG.atInfo()
            .addKeyValue("trigger", context.name())
            .addKeyValue("stream", group.stream())
            .log("gave the stream to another replica, whose turn it is");
      } else {
        inflow.rest(Inflow.pace(true));
      }
      return false;
    }
    return true;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Makes everything that was given to anybody ours, so that it is read first, and in order. */
  private void takeOver(CommandLink link) {
    Optional<EntryId> from = Optional.of(EntryId.NONE);
    while (from.isPresent()) {
      Claimed claimed = group.claim(link, Duration.ZERO, from.get(), options.batch());
      claimed.removed().stream()
          .filter(id -> !handover.knows(id))
          .forEach(this::removedWhilePending);
      from = claimed.next();
    }
    handover.dropWaiting();
    ownAfter = EntryId.NONE;
    holding = true;
    detail = "reads " + group.stream();
    LOG.atInfo()
        .addKeyValue("trigger", context.name())
        .addKeyValue("stream", group.stream())
        .log("reads this stream from now on");
  }

  /** What runs goes on running, but its end is no longer ours to acknowledge. */
  private void loseLease() {
    holding = false;
    detail = "";
    acknowledging.clear();
    handover.dropWaiting();
    LOG.atWarn()
        .addKeyValue("trigger", context.name())
        .addKeyValue("stream", group.stream())
        .addKeyValue("running", handover.running())
        .log(
            "lost the lease of this stream; another replica reads it, and what runs here runs again");
  }

  /** Acknowledges what is settled, and lets others have at once what was given back. */
  @Override
  public void detach(CommandLink link) {
    acknowledging.addAll(handover.takeAcknowledged());
    if (lease != null) {
      if (holding) {
        acknowledge(link);
      }
      lease.release(link);
      return;
    }
    acknowledge(link);
    List<EntryId> back = new ArrayList<>(handover.dropWaiting());
    back.addAll(handover.released());
    group.mark(link, back, options.claimAfter().multipliedBy(2));
  }
}

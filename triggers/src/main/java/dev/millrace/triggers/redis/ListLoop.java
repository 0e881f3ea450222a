package dev.millrace.triggers.redis;

import dev.millrace.triggers.TriggerContext;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the elements of a list, several at once, into a list of this consumer's own, where each one
 * lies until it is settled. What a consumer has that gives no sign of life any more, the others put
 * back.
 *
 * <p>Confined to the loop's thread but for {@link #pause}, {@link #wake}, {@link #lag} and {@link
 * #detail}.
 */
final class ListLoop implements IntakeWork {

  private static final Duration FULL_WAIT = Duration.ofMillis(20);
  private static final Duration BUSY_WAIT = Duration.ofMillis(50);
  private static final Duration IDLE_WAIT = Duration.ofMillis(500);
  private static final Duration LAG_LOOK = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(ListLoop.class);

  private final TriggerContext context;
  private final ListOptions options;
  private final ProcessingList processing;
  private final Wakeup wakeup = new Wakeup();
  private final Handover<Long> handover;

  /** The elements that are here, by the number under which the handover knows them. */
  private final Map<Long, byte[]> elements = new HashMap<>();

  private final List<byte[]> settling = new ArrayList<>();
  private final Due life;
  private final Due reaping;
  private final Due lagLook = new Due(LAG_LOOK);
  private final String run = randomMark();
  private long taken;
  private boolean appendOnlyChecked;

  private volatile boolean paused;
  private volatile long lag = -1;

  ListLoop(TriggerContext context, ListOptions options) {
    this.context = context;
    this.options = options;
    this.processing = new ProcessingList(options.list(), options.consumer(), options.take());
    this.handover = new Handover<>(context.intake(), wakeup);
    this.life = new Due(options.claimAfter().dividedBy(3));
    this.reaping = new Due(options.claimAfter().dividedBy(2));
  }

  private static String randomMark() {
    byte[] mark = new byte[8];
    new SecureRandom().nextBytes(mark);
    return HexFormat.of().formatHex(mark);
  }

  @Override
  public String key() {
    return options.list();
  }

  @Override
  public void pause(boolean now) {
    paused = now;
    wakeup.signal();
  }

  @Override
  public void wake() {
    wakeup.signal();
  }

  @Override
  public OptionalLong lag() {
    long known = lag;
    return known < 0 ? OptionalLong.empty() : OptionalLong.of(known);
  }

  @Override
  public String detail() {
    return "";
  }

  @Override
  public void attach(CommandLink link) {
    wakeup.belongsToThisThread();
    Commands.require(link, "BLMOVE", "Redis 6.2 or newer");
    if (!appendOnlyChecked) {
      appendOnlyChecked = true;
      if (AppendOnly.isMissing(link)) {
        LOG.atWarn()
            .addKeyValue("trigger", context.name())
            .addKeyValue("list", options.list())
            .log(
                "this Redis keeps no append-only file: if it crashes, elements pushed since its"
                    + " last snapshot are lost; set appendonly yes");
      }
    }
    processing.signLife(link, options.claimAfter());
    takeUpOwn(link);
    reaping.hurry();
    lagLook.hurry();
  }

  /**
   * Takes up what an earlier run of this consumer had taken, and what was taken over a link that
   * broke before the answer came. Elements have no names: of equal ones, as many are new as there
   * are more of them than we know.
   */
  private void takeUpOwn(CommandLink link) {
    Map<ByteBuffer, Integer> known = new HashMap<>();
    elements.values().forEach(element -> known.merge(ByteBuffer.wrap(element), 1, Integer::sum));
    settling.forEach(element -> known.merge(ByteBuffer.wrap(element), 1, Integer::sum));
    for (byte[] element : processing.taken(link)) {
      int left = known.merge(ByteBuffer.wrap(element), -1, Integer::sum);
      if (left < 0) {
        add(element);
      }
    }
  }

  private void add(byte[] element) {
    long number = taken++;
    elements.put(number, element);
    ListEvent event =
        new ListEvent(options.list(), element, context.clock().instant(), run + "-" + number);
    handover.add(new Handover.Item<>(number, event, null));
  }

  @Override
  public void step(CommandLink link) {
    settle(link);
    care(link);
    if (paused) {
      wakeup.await(handover.running() > 0 ? BUSY_WAIT : IDLE_WAIT);
      return;
    }
    if (!handover.offer()) {
      wakeup.await(FULL_WAIT);
      return;
    }
    int room = Math.min(context.intake().room(), options.batch());
    if (room <= 0) {
      wakeup.await(FULL_WAIT);
      return;
    }
    fetch(link, room);
    if (!paused) {
      handover.offer();
    }
  }

  private void fetch(CommandLink link, int room) {
    byte[] first = processing.take(link, handover.running() > 0 ? BUSY_WAIT : IDLE_WAIT);
    if (first != null) {
      add(first);
      if (room > 1) {
        processing.take(link, room - 1).forEach(this::add);
      }
    }
  }

  private void settle(CommandLink link) {
    for (Long number : handover.takeAcknowledged()) {
      settling.add(elements.remove(number));
    }
    if (settling.isEmpty()) {
      return;
    }
    long removed = processing.settle(link, settling);
    if (removed < settling.size()) {
      LOG.atInfo()
          .addKeyValue("trigger", context.name())
          .addKeyValue("list", options.list())
          .addKeyValue("elements", settling.size() - removed)
          .log(
              "settled elements were no longer ours: this worker gave no sign of life for too long,"
                  + " and others run them again");
    }
    settling.clear();
  }

  private void care(CommandLink link) {
    if (life.now()) {
      processing.signLife(link, options.claimAfter());
    }
    if (reaping.now()) {
      long back = processing.giveBackOfTheDead(link);
      if (back > 0) {
        LOG.atWarn()
            .addKeyValue("trigger", context.name())
            .addKeyValue("list", options.list())
            .addKeyValue("elements", back)
            .log("gave back what a consumer had taken that gives no sign of life any more");
      }
    }
    if (lagLook.now()) {
      lag = processing.length(link);
    }
  }

  /** Removes what is settled, and puts back what the worker gave back, youngest first. */
  @Override
  public void detach(CommandLink link) {
    settle(link);
    List<Long> back = new ArrayList<>(handover.dropWaiting());
    back.addAll(handover.released());
    back.sort(java.util.Comparator.reverseOrder());
    processing.giveBack(link, back.stream().map(elements::get).toList());
    back.forEach(elements::remove);
    processing.leave(link);
  }
}

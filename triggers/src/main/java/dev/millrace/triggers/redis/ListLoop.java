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

  private static final Duration LAG_LOOK = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(ListLoop.class);

  private final TriggerContext context;
  private final ListOptions options;
  private final ProcessingList processing;
  private final Inflow<Long> inflow;
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

  private volatile OptionalLong lag = OptionalLong.empty();

  ListLoop(TriggerContext context, ListOptions options) {
    this.context = context;
    this.options = options;
    this.processing = new ProcessingList(options.list(), options.consumer(), options.take());
    this.inflow = new Inflow<>(context.intake(), options.batch());
    this.handover = inflow.handover();
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
    return "";
  }

  @Override
  public void attach(CommandLink link) {
    inflow.belongsToThisThread();
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
    int wanted = inflow.wanted();
    if (wanted > 0) {
      fetch(link, wanted);
      inflow.offer();
    }
  }

  private void fetch(CommandLink link, int count) {
    byte[] first = processing.take(link, Inflow.pace(handover.running() > 0));
    if (first != null) {
      add(first);
      if (count > 1) {
        processing.take(link, count - 1).forEach(this::add);
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
      lag = OptionalLong.of(processing.length(link));
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

package dev.millrace.worker.dev;

import dev.millrace.abi.Event;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Shows each attempt in one line: when, which trigger, which event, what came of it. Of a busy
 * worker it shows the first lines of each second and counts the others.
 */
public final class LiveView implements DispatchListener {

  private static final int LINES_A_SECOND = 20;
  private static final int TEXT_WIDTH = 100;

  private final PrintWriter out;
  private final boolean colors;
  private final InstantSource clock;
  private final Map<String, LongAdder> retries = new ConcurrentHashMap<>();
  private long second;
  private int shown;
  private int hidden;

  /**
   * @param out where lines go; used by several threads
   * @param colors whether the terminal shows colors
   */
  public LiveView(PrintWriter out, boolean colors, InstantSource clock) {
    this.out = out;
    this.colors = colors;
    this.clock = clock;
  }

  /** How many retries a trigger's events have needed. */
  public long retries(String trigger) {
    LongAdder count = retries.get(trigger);
    return count == null ? 0 : count.sum();
  }

  @Override
  public void attempted(String function, Invocation invocation, Invocation.Result result) {
    if (result.outcome() instanceof Outcome.Succeeded succeeded) {
      show(
          invocation.trigger(),
          invocation.event(),
          Color.GREEN,
          "done in " + text(result.duration()) + attempt(invocation.attempt()) + reply(succeeded));
    }
  }

  @Override
  public void retryScheduled(
      String trigger, Event event, int failedAttempts, Duration delay, Outcome.Failed failure) {
    retries.computeIfAbsent(trigger, t -> new LongAdder()).increment();
    show(
        trigger,
        event,
        Color.YELLOW,
        "retry in " + text(delay) + attempt(failedAttempts) + ": " + failure.error());
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    show(
        letter.trigger(),
        letter.event(),
        Color.RED,
        "dead letter after " + letter.attemptCount() + " attempt(s): " + letter.error());
  }

  @Override
  public void deadLetterHeld(DeadLetter letter, Throwable cause, Duration nextTry) {
    show(
        letter.trigger(),
        letter.event(),
        Color.RED,
        "dead letter not stored, held for " + text(nextTry) + ": " + cause.getMessage());
  }

  @Override
  public void publishHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    show(
        trigger,
        event,
        Color.YELLOW,
        "reply not confirmed, held for " + text(nextTry) + ": " + cause.getMessage());
  }

  /** A line that is not about an event. */
  public synchronized void say(String line) {
    out.println(time() + "  " + line);
    out.flush();
  }

  private void show(String trigger, Event event, Color color, String what) {
    String line =
        "%s  %-12s %-36s %s"
            .formatted(time(), trigger, event.id(), color.paint(oneLine(what), colors));
    print(line);
  }

  private synchronized void print(String line) {
    long now = clock.millis() / 1000;
    if (now != second) {
      if (hidden > 0) {
        out.println("          … and " + hidden + " more");
      }
      second = now;
      shown = 0;
      hidden = 0;
    }
    if (shown == LINES_A_SECOND) {
      hidden++;
      return;
    }
    shown++;
    out.println(line);
    out.flush();
  }

  private String time() {
    return LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault())
        .truncatedTo(ChronoUnit.SECONDS)
        .format(DateTimeFormatter.ISO_LOCAL_TIME);
  }

  private static String attempt(int attempt) {
    return attempt == 1 ? "" : " (attempt " + attempt + ")";
  }

  private static String reply(Outcome.Succeeded succeeded) {
    String reply = text(succeeded.reply());
    return reply.isEmpty() ? "" : "  " + reply;
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  private static String text(Duration duration) {
    return duration.toMillis() < 10_000 ? duration.toMillis() + " ms" : duration.toSeconds() + " s";
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= TEXT_WIDTH ? line : line.substring(0, TEXT_WIDTH) + "…";
  }

  private enum Color {
    GREEN("32"),
    YELLOW("33"),
    RED("31");

    private final String code;

    Color(String code) {
      this.code = code;
    }

    String paint(String text, boolean colors) {
      return colors ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
    }
  }
}

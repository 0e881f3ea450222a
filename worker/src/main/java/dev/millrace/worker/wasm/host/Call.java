package dev.millrace.worker.wasm.host;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.cores.Seat;
import dev.millrace.worker.dispatch.CrashRecord;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.wasm.files.Descriptors;
import dev.millrace.worker.wasm.recording.HostAnswers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the host functions of one slot work on: the invocation at hand and what the guest has made
 * of it so far. Host functions are linked once and find the current invocation here. During the
 * guest's initialization there is no invocation: nothing can be read but configuration, and nothing
 * written but the log.
 *
 * <p>Confined to the thread that holds the slot.
 */
public final class Call {

  /** Longest reason that is kept, in bytes. */
  public static final int REASON_LIMIT_BYTES = 4096;

  /** Longest key that can be claimed, in bytes. */
  static final int ONCE_KEY_LIMIT_BYTES = 512;

  private static final int CLAIMS_LIMIT = 64;

  /** How often one invocation can ask outside, claims apart. */
  public static final int QUESTIONS_LIMIT = 1000;

  /** How much longer than its invocation a claim holds: its messages have to be confirmed. */
  private static final Duration CLAIM_MARGIN = Duration.ofMinutes(1);

  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(365);

  private final FunctionSettings settings;
  private final HostAnswers answers;
  private final Outside outside;
  private final ProgressBoard progress;
  private final Output output;
  private final GuestLog log;
  private final Descriptors descriptors;
  private @Nullable Invocation invocation;
  private Seat seat = Seat.NONE;
  private String reason = "";
  private @Nullable Duration retryAfter;
  private byte @Nullable [] attributes;
  private byte @Nullable [] headers;
  private int dataPosition;
  private byte[] @Nullable [] environment;
  private List<OnceKeys.Claim> claims = List.of();
  private int questions;
  private boolean beats;
  private @Nullable OutsideAnswer lastAnswer;
  private HostState state = HostState.NONE;

  /**
   * One for a slot, without an invocation.
   *
   * @param settings what the function may do
   * @param answers where time, random numbers and answers from outside come from
   * @param outside what can be granted to it
   * @param progress where its heartbeats are seen
   */
  public Call(
      FunctionSettings settings, HostAnswers answers, Outside outside, ProgressBoard progress) {
    this.settings = settings;
    this.answers = answers;
    this.outside = outside;
    this.progress = progress;
    this.output = new Output(settings.limits().outputBytes());
    this.log = new GuestLog(settings.limits().logBytes());
    this.descriptors = new Descriptors(settings.files(), settings.limits().scratchBytes());
    end();
  }

  /** Turns to no invocation. */
  public void end() {
    begin(null, Seat.NONE);
  }

  /**
   * Turns to another invocation, or to none.
   *
   * @param core what its thread leaves while it waits
   */
  public void begin(@Nullable Invocation next, Seat core) {
    invocation = next;
    seat = core;
    reason = "";
    retryAfter = null;
    attributes = null;
    headers = null;
    dataPosition = 0;
    environment = null;
    descriptors.begin(!settings.keepsScratch());
    claims = List.of();
    questions = 0;
    if (beats) {
      beats = false;
      progress.clear(this);
    }
    lastAnswer = null;
    output.clear();
    log.clear();
  }

  /** What the function's manifest entry comes to. */
  public FunctionSettings settings() {
    return settings;
  }

  /** What the host keeps for the sandbox in use. Each ABI knows its own. */
  public HostState state() {
    return state;
  }

  /** Turns to a new sandbox, which finds nothing that another one wrote. */
  public void state(HostState next) {
    state = next;
    descriptors.begin(true);
  }

  /** Time, random numbers, and what else comes from outside the sandbox. */
  public HostAnswers answers() {
    return answers;
  }

  /** What the invocation has answered and published so far. */
  public Output output() {
    return output;
  }

  /** What the invocation has logged so far. */
  public GuestLog log() {
    return log;
  }

  /** The invocation at hand; {@code null} during initialization. */
  public @Nullable Invocation invocation() {
    return invocation;
  }

  /** The event's data, not copied; {@code null} for none, or without an invocation. */
  public byte @Nullable [] data() {
    return invocation == null ? null : invocation.event().data();
  }

  byte @Nullable [] key() {
    return invocation == null ? null : invocation.event().key();
  }

  @Nullable String attribute(String name) {
    return invocation == null ? null : EventAttributes.value(invocation, settings.name(), name);
  }

  /** All attributes in the form of {@link NameValues}; {@code null} without an invocation. */
  byte @Nullable [] attributes() {
    if (attributes == null && invocation != null) {
      attributes = NameValues.encodeAttributes(EventAttributes.all(invocation, settings.name()));
    }
    return attributes;
  }

  /** The headers in the form of {@link NameValues}; {@code null} without an invocation. */
  byte @Nullable [] headers() {
    if (headers == null && invocation != null) {
      headers = NameValues.encodeHeaders(invocation.event().headers());
    }
    return headers;
  }

  /** The environment of a WASI program, one {@code NAME=value} and a NUL each. */
  public byte[][] environment() {
    if (environment == null) {
      environment = settings.variables().of(invocation);
    }
    return environment;
  }

  /** How much of the data the guest has read from its standard input. */
  public int dataPosition() {
    return dataPosition;
  }

  /** The guest has read so many more bytes. */
  public void advanceData(int bytes) {
    dataPosition += bytes;
  }

  /** What the guest has open. */
  public Descriptors descriptors() {
    return descriptors;
  }

  /** The guest's own words on why it ended; empty for none. */
  public String reason() {
    return reason;
  }

  /** The guest's own words on why it ended: a reason, else what it logged last; possibly empty. */
  public String said() {
    return reason.isEmpty() ? log.lastLine() : reason;
  }

  /** The guest says why it is going to end. */
  public void reason(String said) {
    reason = said;
  }

  /** After how long the guest wants to be tried again, if it said so. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  void retryAfterMillis(long millis) {
    long longest = LONGEST_RETRY_AFTER.toMillis();
    retryAfter = Duration.ofMillis(Math.clamp(millis, 0, longest));
  }

  /** What the invocation has claimed. */
  public List<OnceKeys.Claim> claims() {
    return claims;
  }

  /** Whether the invocation may claim another key. */
  boolean mayClaimMore() {
    return claims.size() < CLAIMS_LIMIT;
  }

  /**
   * Claims a key for the event at hand. Blocks.
   *
   * @throws GuestStop.Unavailable if the store cannot tell
   */
  OnceKeys.Answer once(Invocation running, String key, Duration timeToLive) {
    byte[] answer =
        answers.answer(
            "once",
            () -> claim(running, key, timeToLive).name().getBytes(StandardCharsets.US_ASCII));
    try {
      return OnceKeys.Answer.valueOf(
          new String(answer == null ? new byte[0] : answer, StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      throw new GuestStop.Unavailable("the recorded answer of 'once' is damaged");
    }
  }

  private OnceKeys.Answer claim(Invocation running, String key, Duration timeToLive) {
    try {
      Duration lease = settings.limits().maxDuration().plus(CLAIM_MARGIN);
      OnceKeys.Answer answer =
          waitFor(() -> outside.onceKeys().claim(settings.name(), key, running.owner(), lease));
      if (answer == OnceKeys.Answer.FIRST) {
        if (claims.isEmpty()) {
          claims = new ArrayList<>(2);
        }
        claims.add(new OnceKeys.Claim(key, timeToLive));
      }
      return answer;
    } catch (ChicoryInterruptedException e) {
      throw e;
    } catch (UnavailableException | RuntimeException e) {
      throw new GuestStop.Unavailable("'once' cannot be answered: " + e.getMessage());
    }
  }

  /** Whether the invocation has sent a heartbeat. */
  public boolean beats() {
    return beats;
  }

  /**
   * The invocation lives: it may go on for its timeout from now, as far as its longest duration
   * allows.
   *
   * @return the milliseconds that it has left
   */
  long heartbeat(OptionalInt percent, String message) {
    Invocation running = invocation;
    if (running != null) {
      beats = true;
      progress.report(
          this,
          new Progress(
              running.event().id(),
              running.attempt(),
              percent,
              settings.redacted(message),
              Instant.now()));
    }
    answers.extend(settings.limits().timeout(), settings.limits().maxDuration());
    return answers.remainingMillis();
  }

  /** What guests can be granted to reach. */
  Outside outside() {
    return outside;
  }

  /** What the last question outside brought; {@code null} if there was none, or it failed. */
  public @Nullable OutsideAnswer lastAnswer() {
    return lastAnswer;
  }

  /** The body of the last answer, which cannot be read any more afterwards. */
  public byte @Nullable [] takeAnswer() {
    OutsideAnswer answer = lastAnswer;
    lastAnswer = null;
    return answer == null ? null : answer.body();
  }

  /**
   * Asks somebody outside, or the recording. Blocks. What can be read of the answer stays until the
   * next question; why there is none goes into the log.
   *
   * @param call the host call's name
   * @return what the host call answers
   */
  int ask(String call, Question<OutsideAnswer> question) {
    lastAnswer = null;
    if (questions++ >= QUESTIONS_LIMIT) {
      log.line(
          "WARN " + call + ": an invocation asks outside at most " + QUESTIONS_LIMIT + " times");
      return GuestAbi.TOO_LARGE;
    }
    OutsideAnswer answer =
        OutsideAnswer.decode(answers.answer(call, () -> answered(question).encode()));
    if (answer == null) {
      throw new GuestStop.Unavailable("the recorded answer of '" + call + "' is damaged");
    }
    byte[] body = answer.body();
    if (answer.result() < 0) {
      if (body != null) {
        log.line("WARN " + call + ": " + new String(body, StandardCharsets.UTF_8));
      }
    } else {
      lastAnswer = answer;
    }
    return answer.result();
  }

  private OutsideAnswer answered(Question<OutsideAnswer> question) {
    try {
      return waitFor(question);
    } catch (UnavailableException e) {
      return OutsideAnswer.failed(GuestAbi.UNAVAILABLE, e.getMessage());
    }
  }

  /**
   * Sleeps for the guest, until it was told to stop at most.
   *
   * @throws ChicoryInterruptedException if it was
   */
  public void sleep(Duration duration) {
    try {
      waitFor(
          () -> {
            Thread.sleep(duration);
            return duration;
          });
    } catch (UnavailableException e) {
      throw new IllegalStateException("a sleep is always to be had", e);
    }
  }

  /**
   * Waits for somebody outside. Every host call that does passes here: while it waits, the guest
   * uses no processor, and its thread leaves its seat to others. That it waits to take it back
   * belongs to the invocation's time.
   */
  private <T> T waitFor(Question<T> question) throws UnavailableException {
    CrashRecord.Note note = invocation == null ? CrashRecord.Note.NONE : invocation.note();
    note.waits();
    seat.leave();
    // Whatever else it throws ends the guest, which needs no seat for that.
    try {
      T answer = question.ask();
      goOn(note);
      return answer;
    } catch (UnavailableException e) {
      goOn(note);
      throw e;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The guest's thread takes its seat back. Blocks; the deadline interrupts it. */
  private void goOn(CrashRecord.Note note) {
    try {
      seat.take(Seat.FOR_EVER);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    note.goesOn();
  }

  private static ChicoryInterruptedException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new ChicoryInterruptedException("interrupted in a host call", cause);
  }

  /** Something to be asked outside; blocks, and ends soon after an interrupt. */
  @FunctionalInterface
  interface Question<T> {
    T ask() throws UnavailableException, InterruptedException;
  }
}

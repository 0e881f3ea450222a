package dev.millrace.worker.wasm.recording;

import dev.millrace.triggers.Recording;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.deadline.Deadline;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers as was recorded, in the recorded order. From the first question that was not asked then,
 * and beyond the end of a recording that was cut, it answers from the world; clocks go on from what
 * they said last.
 */
public final class Player implements HostAnswers {

  private final Recording recording;
  private final HostClock clock;
  private final Deadline deadline;
  private final GuestRandom random = new GuestRandom();
  private final long[] last = new long[TapeWriter.ANSWER];
  private final boolean[] told = new boolean[TapeWriter.ANSWER];
  private final long[] liveBase = new long[TapeWriter.ANSWER];
  private Recording.Tape tape;
  private TapeReader reader;
  private String phase = "";
  private boolean live;
  private boolean beyondCut;
  private boolean onlyLength;
  private boolean seeded;
  private @Nullable String divergence;

  /**
   * One for one attempt.
   *
   * @param recording what was asked and answered then; read, not copied
   * @param clock the world
   * @param deadline that of the attempt
   */
  public Player(Recording recording, HostClock clock, Deadline deadline) {
    this.recording = recording;
    this.clock = clock;
    this.deadline = deadline;
    this.tape = Recording.Tape.EMPTY;
    this.reader = new TapeReader(tape);
  }

  /** What came of the attempt that was given these answers. */
  public Replay replay(Invocation.Result result) {
    if (unasked()) {
      diverge("asked for less than it did when it was recorded", true);
    }
    return new Replay(result, Optional.ofNullable(divergence), onlyLength, beyondCut);
  }

  @Override
  public void starting() {
    begin(recording.start(), "while it was initialized, ");
  }

  @Override
  public void started() {
    // the invocation says when it begins
  }

  @Override
  public void running() {
    begin(recording.run(), "");
  }

  /** Whether there are answers left that the guest did not ask for. */
  private boolean unasked() {
    return !live && !reader.atEnd();
  }

  @Override
  public long nanos(int id) {
    int tag = id == HostClock.MONOTONIC ? TapeWriter.MONOTONIC : TapeWriter.REALTIME;
    return number(tag, () -> clock.nanos(id), true);
  }

  @Override
  public long remainingMillis() {
    return number(
        TapeWriter.TIME_LEFT,
        () -> Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos())),
        false);
  }

  @Override
  public void extend(Duration timeout, Duration most) {
    deadline.extend(timeout.toNanos(), most.toNanos());
  }

  @Override
  public void random(byte[] target) {
    if (!seeded) {
      seeded = true;
      byte[] seed = tape.seed();
      if (seed.length == 0) {
        // A seed is drawn even beyond a cut: its absence says that none was needed then.
        diverge("asked for random numbers, which it did not when it was recorded", false);
        seed = clock.seed();
      }
      random.seed(seed);
    }
    random.fill(target);
  }

  @Override
  public byte @Nullable [] answer(String call, Supplier<byte @Nullable []> ask) {
    if (!next(TapeWriter.ANSWER, call)) {
      return ask.get();
    }
    return reader.answer();
  }

  private long number(int tag, Live world, boolean goesOn) {
    if (next(tag, name(tag))) {
      last[tag] = reader.number();
      told[tag] = true;
      return last[tag];
    }
    long now = world.value();
    if (!goesOn || !told[tag]) {
      return now;
    }
    if (liveBase[tag] == 0) {
      liveBase[tag] = now;
    }
    return last[tag] + (now - liveBase[tag]);
  }

  /** Whether the next answer is on the tape. */
  private boolean next(int tag, String name) {
    if (live) {
      return false;
    }
    if (reader.atEnd()) {
      live = true;
      if (tape.cut()) {
        beyondCut = true;
      } else {
        diverge("asked for " + name + " once more than it did when it was recorded", true);
      }
      return false;
    }
    int recorded = reader.tag();
    String recordedName = recorded == TapeWriter.ANSWER ? reader.call() : name(recorded);
    if (recorded != tag || !recordedName.equals(name)) {
      live = true;
      diverge(
          "asked for " + name + " where it asked for " + recordedName + " when it was recorded",
          false);
      return false;
    }
    return true;
  }

  private void begin(Recording.Tape next, String when) {
    if (unasked()) {
      diverge("asked for less than it did when it was recorded", false);
    }
    tape = next;
    reader = new TapeReader(next);
    phase = when;
    live = false;
    seeded = false;
    Arrays.fill(told, false);
    Arrays.fill(liveBase, 0);
  }

  private void diverge(String how, boolean length) {
    if (divergence == null) {
      divergence = phase + how;
      onlyLength = length;
    }
  }

  private static String name(int tag) {
    return switch (tag) {
      case TapeWriter.REALTIME -> "the time of day";
      case TapeWriter.MONOTONIC -> "the monotonic clock";
      case TapeWriter.TIME_LEFT -> "the time left";
      default -> throw new IllegalArgumentException("the recording's tape is damaged");
    };
  }

  /** What the world says now. */
  private interface Live {
    long value();
  }
}

package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Settlement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Goes through the interleavings of two threads on what the dispatcher shares between threads:
 * every answer must be one that some order of the calls, one after the other, would have given.
 *
 * <p>Shown to see: without {@code synchronized} on {@code Account.accept} or on {@code Lane.leave},
 * and with {@code get} and {@code set} in place of {@code compareAndSet} in {@code Task.settle},
 * the test of that class fails.
 */
class LinearizabilityTest {

  private static final ModelCheckingOptions INTERLEAVINGS =
      new ModelCheckingOptions()
          .threads(2)
          .actorsPerThread(3)
          .actorsBefore(0)
          .actorsAfter(1)
          .iterations(10)
          .invocationsPerIteration(150);

  @Test
  void accountAnswersAsIfItsCallersCameOneByOne() {
    INTERLEAVINGS.check(Accounts.class);
  }

  @Test
  void lanesAnswerAsIfTheirCallersCameOneByOne() {
    INTERLEAVINGS.check(OneLane.class);
  }

  @Test
  void anEventIsSettledByOneCallerOnly() {
    INTERLEAVINGS.check(OneTask.class);
  }

  /** Room for two events in flight and one aside. */
  @Param(name = "bytes", gen = IntGen.class, conf = "1:3")
  public static class Accounts {
    private final Account account = new Account(new Bounds(2, 4), new Bounds(1, 4));

    @Operation
    public boolean accept(@Param(name = "bytes") int bytes) {
      return account.accept(bytes);
    }

    @Operation
    public boolean resume(@Param(name = "bytes") int bytes) {
      return account.resume(bytes);
    }

    @Operation
    public boolean putAside(@Param(name = "bytes") int bytes) {
      return account.putAside(bytes);
    }

    @Operation
    public void settle(@Param(name = "bytes") int bytes) {
      account.settle(bytes, false, Settlement.DONE, "");
    }

    @Operation
    public void hold() {
      account.hold();
    }

    @Operation
    public void release() {
      account.release();
    }

    @Operation
    public int room() {
      return account.room();
    }

    @Operation
    public String conservation() {
      return account.conservation().toString();
    }
  }

  /** Somebody enters and leaves while others do, and while the lane comes to its end. */
  @Param(name = "entry", gen = IntGen.class, conf = "1:9")
  public static class OneLane {
    private static final String NAME = "lane";
    private final Lanes<Integer> lanes = new Lanes<>();

    @Operation
    public boolean enter(@Param(name = "entry") int entry) {
      while (true) {
        Lane.Entry entered = lanes.of(NAME, 1).enter(entry);
        if (entered != Lane.Entry.OVER) {
          return entered == Lane.Entry.HEAD;
        }
      }
    }

    @Operation
    public @Nullable Integer leave() {
      return lanes.of(NAME, 1).leave();
    }

    @Operation
    public List<Integer> behind() {
      List<Integer> waiting = new ArrayList<>();
      lanes.of(NAME, 1).behind(waiting::add);
      return waiting;
    }
  }

  /** One event that two threads settle. */
  public static class OneTask {
    @SuppressWarnings("NullAway") // its dispatch is not asked
    private final Task task =
        new Task(null, OneTrigger.event("e"), null, (event, settlement) -> {}, 1, Instant.EPOCH);

    @Operation
    public boolean settle() {
      return task.settle();
    }
  }
}

package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.letter;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.FailureKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * The process that {@link SqliteCrashIT} kills: writes without end and says on standard output what
 * was confirmed ({@code journal 17}, {@code letter t/3}) and what it is about to remove ({@code
 * removing 17}).
 */
final class CrashingWriter {

  private static final int WRITES_AT_ONCE = 200;

  /** How many events are appended as one, by turns: alone, in one row, in several rows. */
  private static final int[] TOGETHER = {1, 20, 1, 150};

  private CrashingWriter() {}

  public static void main(String[] arguments) throws InterruptedException {
    Store store = SqliteStore.open(Path.of(arguments[0]), StoreOptions.DEFAULT);
    // What is slow the first time must not be all that a short life is spent on.
    StoreFixtures.await(store.deadLetters().store(letter("t", "first", FailureKind.TRAP)));
    Semaphore room = new Semaphore(WRITES_AT_ONCE);
    for (int i = 0; ; i++) {
      room.acquire();
      int number = i;
      store
          .journal()
          .append("t", events(number))
          .thenAccept(
              first -> {
                for (long sequence = first; sequence < first + together(number); sequence++) {
                  say("journal " + sequence);
                  if (sequence % 3 == 0) {
                    say("removing " + sequence);
                    store.journal().remove("t", sequence);
                  }
                }
              })
          .whenComplete((done, failure) -> room.release());
      if (i % 50 == 0) {
        String id = arguments[1] + "-" + i;
        store
            .deadLetters()
            .store(letter("t", id, FailureKind.TRAP))
            .thenAccept(done -> say("letter t/" + id));
      }
    }
  }

  private static int together(int number) {
    return TOGETHER[number % TOGETHER.length];
  }

  private static List<DetachedEvent> events(int number) {
    return IntStream.range(0, together(number))
        .mapToObj(i -> event("e" + number + "/" + i))
        .toList();
  }

  /** One write for each line, so that a kill can cut only the last one. */
  private static void say(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    System.out.write(bytes, 0, bytes.length);
    System.out.flush();
  }
}

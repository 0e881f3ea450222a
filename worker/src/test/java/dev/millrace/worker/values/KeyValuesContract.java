package dev.millrace.worker.values;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.host.KeyValues;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link KeyValues} does, wherever it keeps them. */
abstract class KeyValuesContract {

  private static final Duration FOR_EVER = KeyValues.FOR_EVER;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** An empty store; the same one for the whole of a test. */
  abstract KeyValues values();

  @Test
  void givesBackWhatWasSet() throws Exception {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }

    values().set("\u00fc\0k", all, FOR_EVER);
    values().set("empty", new byte[0], FOR_EVER);

    assertArrayEquals(all, values().get("\u00fc\0k"));
    assertArrayEquals(new byte[0], values().get("empty"));
    assertNull(values().get("other"));
  }

  @Test
  void aValueIsGoneWhenItsTimeIsOver() throws Exception {
    values().set("k", bytes("v"), Duration.ofMillis(200));
    values().set("later", bytes("v"), Duration.ofHours(1));

    await().atMost(LIMIT).until(() -> values().get("k") == null);
    assertFalse(values().delete("k"));
    assertTrue(values().compareAndSet("k", null, bytes("w"), FOR_EVER));
    assertArrayEquals(bytes("v"), values().get("later"));
  }

  @Test
  void settingAnewChangesTheTime() throws Exception {
    values().set("k", bytes("v"), Duration.ofMillis(150));
    values().set("k", bytes("w"), FOR_EVER);
    values().set("other", bytes("v"), Duration.ofMillis(300));

    await().atMost(LIMIT).until(() -> values().get("other") == null);
    assertArrayEquals(bytes("w"), values().get("k"));
  }

  @Test
  void deletesOnce() throws Exception {
    values().set("k", bytes("v"), FOR_EVER);

    assertTrue(values().delete("k"));
    assertFalse(values().delete("k"));
    assertNull(values().get("k"));
  }

  @Test
  void comparesBeforeItSets() throws Exception {
    assertFalse(values().compareAndSet("k", bytes("v"), bytes("w"), FOR_EVER));
    assertFalse(values().compareAndSet("k", new byte[0], bytes("w"), FOR_EVER));
    assertTrue(values().compareAndSet("k", null, bytes("v"), FOR_EVER));
    assertFalse(values().compareAndSet("k", null, bytes("w"), FOR_EVER));
    assertFalse(values().compareAndSet("k", null, null, FOR_EVER));
    assertTrue(values().compareAndSet("k", bytes("v"), bytes("7"), FOR_EVER));
    assertFalse(values().compareAndSet("k", bytes("07"), bytes("w"), FOR_EVER));
    assertArrayEquals(bytes("7"), values().get("k"));
    assertFalse(values().compareAndSet("k", bytes("v"), null, FOR_EVER));
    assertTrue(values().compareAndSet("k", bytes("7"), null, FOR_EVER));
    assertTrue(values().compareAndSet("k", null, null, FOR_EVER));
    assertNull(values().get("k"));
  }

  @Test
  void oneOfManyWhoCompareWins() throws Exception {
    List<Boolean> won =
        together(8, i -> () -> values().compareAndSet("k", null, bytes("v" + i), FOR_EVER));

    assertEquals(1, won.stream().filter(each -> each).count());
  }

  @Test
  void noIncrementIsLost() throws Exception {
    List<OptionalLong> sums = together(40, i -> () -> values().increment("n", 1, FOR_EVER));

    assertEquals(
        40, sums.stream().mapToLong(OptionalLong::getAsLong).distinct().count(), sums::toString);
    assertArrayEquals(bytes("40"), values().get("n"));
  }

  @Test
  void countsFromWhatWasSetAndDown() throws Exception {
    values().set("n", bytes("-3"), FOR_EVER);

    assertEquals(OptionalLong.of(-5), values().increment("n", -2, FOR_EVER));
    assertTrue(values().compareAndSet("n", bytes("-5"), bytes("9007199254740993"), FOR_EVER));
    assertEquals(OptionalLong.of(9007199254740994L), values().increment("n", 1, FOR_EVER));
  }

  @Test
  void doesNotCountWhatIsNoNumberOrHasNoPlace() throws Exception {
    for (String wrong : List.of("", "x", "07", "+7", " 7", "-0", "9223372036854775808")) {
      values().set("n", bytes(wrong), FOR_EVER);
      assertEquals(OptionalLong.empty(), values().increment("n", 1, FOR_EVER), wrong);
      assertArrayEquals(bytes(wrong), values().get("n"));
    }
    values().set("n", bytes("9223372036854775807"), FOR_EVER);
    assertEquals(OptionalLong.empty(), values().increment("n", 1, FOR_EVER));
    values().set("n", bytes("-9223372036854775807"), FOR_EVER);
    assertEquals(OptionalLong.of(Long.MIN_VALUE), values().increment("n", -1, FOR_EVER));
    assertEquals(OptionalLong.empty(), values().increment("n", -1, FOR_EVER));
  }

  @Test
  void aCounterHasTheTimeOfItsFirstIncrement() throws Exception {
    values().increment("n", 1, Duration.ofMillis(400));
    values().increment("n", 1, FOR_EVER);
    assertArrayEquals(bytes("2"), values().get("n"));

    await().atMost(LIMIT).until(() -> values().get("n") == null);
    assertEquals(OptionalLong.of(1), values().increment("n", 1, FOR_EVER));
  }

  @Test
  void keepsAMebibyte() throws Exception {
    byte[] large = new byte[1 << 20];
    large[large.length - 1] = 7;

    values().set("k", large, FOR_EVER);

    assertArrayEquals(large, values().get("k"));
  }

  /** Makes one task for a number. */
  private interface Maker<T> {
    Callable<T> task(int number);
  }

  private static <T> List<T> together(int count, Maker<T> maker) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      List<Callable<T>> tasks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tasks.add(maker.task(i));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> done : executor.invokeAll(tasks)) {
        results.add(done.get());
      }
      return results;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

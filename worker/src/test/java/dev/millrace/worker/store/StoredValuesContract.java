package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link StoredValues} do, whatever the database. */
interface StoredValuesContract extends StoreUnderTest {

  StoredValues.Key VALUE = new StoredValues.Key("app", "carts", "k\0\u00fc");

  @Test
  default void keepsAValueUntilItsTimeIsOver() {
    await(store().values().set(VALUE, new byte[] {0, -1}, NOW.plusSeconds(60)));
    reopen();

    assertArrayEquals(new byte[] {0, -1}, store().values().get(VALUE, NOW.plusSeconds(59)));
    assertNull(store().values().get(VALUE, NOW.plusSeconds(60)));
    assertFalse(await(store().values().delete(VALUE, NOW.plusSeconds(60))), "it is over");
    assertEquals(1, await(store().values().forget(NOW.plusSeconds(60))));
  }

  @Test
  default void valuesOfAnotherAppOrStoreAreOthers() {
    await(store().values().set(VALUE, new byte[] {1}, StoredValues.NEVER));

    assertNull(store().values().get(new StoredValues.Key("b", "carts", VALUE.key()), NOW));
    assertNull(store().values().get(new StoredValues.Key("app", "b", VALUE.key()), NOW));
    assertEquals(0, await(store().values().forget(NOW.plusSeconds(1_000_000_000))));
    assertTrue(await(store().values().delete(VALUE, NOW)));
    assertFalse(await(store().values().delete(VALUE, NOW)));
  }

  @Test
  default void replacesOnlyWhatIsExpected() {
    StoredValues values = store().values();
    byte[] text = ascii("text");
    byte[] seven = ascii("7");

    assertFalse(await(values.replace(VALUE, text, seven, NOW, StoredValues.NEVER)), "absent");
    assertTrue(await(values.setIfAbsent(VALUE, text, NOW, NOW.plusSeconds(60))));
    assertFalse(await(values.setIfAbsent(VALUE, seven, NOW, StoredValues.NEVER)));
    assertFalse(await(values.replace(VALUE, seven, seven, NOW, StoredValues.NEVER)));
    assertTrue(await(values.replace(VALUE, text, seven, NOW, NOW.plusSeconds(60))));
    assertFalse(await(values.replace(VALUE, ascii("07"), text, NOW, StoredValues.NEVER)));
    assertFalse(
        await(values.replace(VALUE, seven, text, NOW.plusSeconds(60), StoredValues.NEVER)), "over");
    assertTrue(await(values.setIfAbsent(VALUE, text, NOW.plusSeconds(60), StoredValues.NEVER)));
    assertFalse(await(values.deleteIf(VALUE, seven, NOW)));
    assertTrue(await(values.deleteIf(VALUE, text, NOW)));
    assertNull(values.get(VALUE, NOW));
  }

  @Test
  default void countsWithoutLosingAnIncrement() {
    List<CompletionStage<OptionalLong>> sums =
        IntStream.range(0, 200)
            .mapToObj(i -> store().values().increment(VALUE, 3, NOW, StoredValues.NEVER))
            .toList();

    assertEquals(
        IntStream.rangeClosed(1, 200).mapToObj(i -> OptionalLong.of(3L * i)).toList(),
        sums.stream().map(StoreFixtures::await).toList());
    assertArrayEquals(ascii("600"), store().values().get(VALUE, NOW));
  }

  @Test
  default void aCounterKeepsItsTimeAndBeginsAnewAfterIt() {
    StoredValues values = store().values();
    Instant end = NOW.plusSeconds(60);

    assertEquals(OptionalLong.of(5), await(values.increment(VALUE, 5, NOW, end)));
    assertEquals(
        OptionalLong.of(6),
        await(values.increment(VALUE, 1, NOW.plusSeconds(59), StoredValues.NEVER)));
    assertEquals(OptionalLong.of(1), await(values.increment(VALUE, 1, end, NOW.plusSeconds(99))));
    assertNull(values.get(VALUE, NOW.plusSeconds(99)));
  }

  @Test
  default void aCounterStopsAtWhatIsNoNumberAndAtTheEndsOf64Bits() {
    StoredValues values = store().values();
    for (String wrong :
        List.of("", "x", "07", "+7", "9223372036854775808", "-9223372036854775809")) {
      await(values.set(VALUE, ascii(wrong), StoredValues.NEVER));
      assertEquals(
          OptionalLong.empty(), await(values.increment(VALUE, 1, NOW, StoredValues.NEVER)), wrong);
      assertArrayEquals(ascii(wrong), values.get(VALUE, NOW));
    }
    await(values.set(VALUE, ascii("9223372036854775806"), StoredValues.NEVER));
    assertEquals(
        OptionalLong.of(Long.MAX_VALUE),
        await(values.increment(VALUE, 1, NOW, StoredValues.NEVER)));
    assertEquals(OptionalLong.empty(), await(values.increment(VALUE, 1, NOW, StoredValues.NEVER)));
    await(values.set(VALUE, ascii("-1"), StoredValues.NEVER));
    assertEquals(
        OptionalLong.of(Long.MIN_VALUE),
        await(values.increment(VALUE, Long.MIN_VALUE + 1, NOW, StoredValues.NEVER)));
    assertEquals(OptionalLong.empty(), await(values.increment(VALUE, -1, NOW, StoredValues.NEVER)));
    assertEquals(
        OptionalLong.empty(),
        await(values.increment(VALUE, Long.MIN_VALUE, NOW, StoredValues.NEVER)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.FailureKind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link AttemptHistory} does, whatever the database. */
interface AttemptHistoryContract extends StoreUnderTest {

  @Test
  default void keepsTheLatestFailedAttempts() {
    reopen(StoreOptions.DEFAULT.withAttemptHistory(3));
    for (int i = 1; i <= 5; i++) {
      store().attempts().record(entry("t", "e" + i, i));
      settleWrites();
    }
    reopen(StoreOptions.DEFAULT.withAttemptHistory(3));

    List<AttemptHistory.Entry> recent = store().attempts().recent(AttemptHistory.Filter.ALL, 10);

    assertEquals(List.of(entry("t", "e5", 5), entry("t", "e4", 4), entry("t", "e3", 3)), recent);
  }

  @Test
  default void findsTheAttemptsAtOneEvent() {
    store().attempts().record(entry("t", "e1", 1));
    store().attempts().record(entry("t", "e2", 1));
    store().attempts().record(entry("t", "e1", 2));
    store().attempts().record(entry("other", "e1", 1));
    settleWrites();

    assertEquals(
        List.of(entry("t", "e1", 2), entry("t", "e1", 1)),
        store().attempts().recent(AttemptHistory.Filter.ofEvent("t", "e1"), 10));
    assertEquals(
        List.of(entry("other", "e1", 1)),
        store()
            .attempts()
            .recent(
                new AttemptHistory.Filter(
                    Optional.of("other"),
                    Optional.of("charge"),
                    Optional.empty(),
                    Optional.of(FailureKind.TRAP)),
                10));
  }
}

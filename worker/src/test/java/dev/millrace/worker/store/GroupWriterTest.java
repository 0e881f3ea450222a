package dev.millrace.worker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.worker.store.Write.Order;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a group becomes batches; the rest of the writer is tested over a real store. */
class GroupWriterTest {

  @Test
  void joinsFreeWritesWhereverTheyStand() {
    assertEquals(List.of(List.of(0, 2, 4), List.of(1, 3)), runs("f:a", "f:b", "f:a", "f:b", "f:a"));
  }

  @Test
  void joinsOrderedWritesOnlyWithTheirNeighbours() {
    assertEquals(List.of(List.of(0, 1), List.of(2), List.of(3)), runs("k:a", "k:a", "k:b", "k:a"));
  }

  @Test
  void freeWritesDoNotPartOrderedNeighbours() {
    assertEquals(List.of(List.of(0, 2), List.of(1, 3)), runs("k:a", "f:b", "k:a", "f:b"));
  }

  @Test
  void makesNothingOfNothing() {
    assertEquals(List.of(), runs());
  }

  private static List<List<Integer>> runs(String... writes) {
    List<Write<?>> group =
        Stream.of(writes)
            .<Write<?>>map(
                each ->
                    Write.of(
                        each.substring(2),
                        each.startsWith("f") ? Order.FREE : Order.KEPT,
                        1,
                        statement -> {}))
            .toList();
    return GroupWriter.runs(group);
  }
}

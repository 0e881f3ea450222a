package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LanesTest {

  private final Lanes<String> lanes = new Lanes<>();

  @Test
  void whoComesFirstIsTheHeadAndTheOthersFollowInOrder() {
    Lane<String> lane = lanes.of("a", 8);
    assertEquals(Lane.Entry.HEAD, lane.enter("1"));
    assertEquals(Lane.Entry.BEHIND, lanes.of("a", 8).enter("2"));
    assertEquals(Lane.Entry.BEHIND, lanes.of("a", 8).enter("3"));
    assertEquals(Lane.Entry.HEAD, lanes.of("b", 8).enter("4"), "another lane");

    List<String> behind = new ArrayList<>();
    lane.behind(behind::add);
    assertEquals(List.of("2", "3"), behind);
    assertEquals("2", lane.leave());
    assertEquals("3", lane.leave());
    assertSame(lane, lanes.of("a", 8), "the last one has not left");
    assertNull(lane.leave());
  }

  @Test
  void aLaneThatIsOverIsEnteredNoMoreAndAnotherTakesItsPlace() {
    Lane<String> lane = lanes.of("a", 8);
    lane.enter("1");
    lane.leave();

    assertTrue(lane.over());
    assertEquals(Lane.Entry.OVER, lane.enter("2"));
    assertNotSame(lane, lanes.of("a", 8));
    assertEquals(Lane.Entry.HEAD, lanes.of("a", 8).enter("2"));
  }

  @Test
  void lanesThatAreOverAreForgottenAndOthersNever() {
    List<Lane<String>> open = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Lane<String> lane = lanes.of("lane-" + i, 8);
      lane.enter("x");
      if (i % 100 == 0) {
        open.add(lane);
      } else {
        lane.leave();
      }
    }

    assertTrue(lanes.size() <= 2 * open.size() + 64, () -> "kept " + lanes.size());
    for (int i = 0; i < open.size(); i++) {
      assertSame(open.get(i), lanes.of("lane-" + 100 * i, 8));
    }
  }

  @Test
  void largeNamesOfLanesThatAreOverAreForgottenSooner() {
    Lane<String> open = lanes.of("open", 8);
    open.enter("x");
    int megabyte = 1 << 20;
    int most = 0;
    for (int i = 0; i < 50; i++) {
      Lane<String> lane = lanes.of("lane-" + i, megabyte);
      lane.enter("x");
      lane.leave();
      most = Math.max(most, lanes.size());
    }

    assertTrue(most <= 17, "kept " + most);
    assertSame(open, lanes.of("open", 8));
  }
}

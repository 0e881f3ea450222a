package dev.millrace.worker.wasm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bounded guest logs. */
class GuestLogTest {

  @Test
  void keepsEverythingWithinItsLimit() {
    GuestLog log = new GuestLog(12);
    log.line("first");
    log.line("last1");

    assertEquals("first\nlast1\n", log.text());
    assertEquals(0, log.cutOff());
    assertEquals("last1", log.lastLine());
  }

  @Test
  void cutsTheMiddleAndCountsIt() {
    GuestLog log = new GuestLog(8);
    write(log, "abcdefghij");
    write(log, "klm");

    assertEquals("abcd\n[5 bytes of log cut off by limits.log]\njklm", log.text());
    assertEquals(5, log.cutOff());
  }

  @Test
  void isTheSameHoweverItIsWritten() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 500; run++) {
      int limit = random.nextInt(40);
      String all =
          "0123456789abcdefghijklmnopqrstuvwxyz".repeat(3).substring(0, random.nextInt(100));
      GuestLog log = new GuestLog(limit);
      for (int at = 0; at < all.length(); ) {
        int next = Math.min(all.length(), at + random.nextInt(30));
        write(log, all.substring(at, next));
        at = next;
      }
      int head = limit - limit / 2;
      int cut = Math.max(0, all.length() - limit);
      String expected =
          cut == 0
              ? all
              : all.substring(0, head)
                  + "\n["
                  + cut
                  + " bytes of log cut off by limits.log]\n"
                  + all.substring(all.length() - limit / 2);
      assertEquals(expected, log.text(), "seed " + seed);
    }
  }

  @Test
  void theLastLineIsOneThatSaysSomething() {
    GuestLog log = new GuestLog(100);
    write(log, "one\ntwo\u0007three  \n\n  \n");

    assertEquals("two\uFFFDthree", log.lastLine());
    assertEquals("", new GuestLog(10).lastLine());
  }

  @Test
  void forgetsWhenCleared() {
    GuestLog log = new GuestLog(4);
    write(log, "abcdefgh");

    log.clear();
    write(log, "xy");

    assertEquals("xy", log.text());
    assertEquals(0, log.cutOff());
  }

  private static void write(GuestLog log, String text) {
    log.write(text.getBytes(StandardCharsets.UTF_8));
  }
}

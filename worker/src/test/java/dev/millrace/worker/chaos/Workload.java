package dev.millrace.worker.chaos;

import dev.millrace.worker.chaos.History.Expected;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Which events a run sends: for each number the same key, bytes and fate whenever it is asked.
 *
 * @param seed what the events are drawn from
 * @param keys how many keys there are
 * @param loops whether there are events that run into their time limit
 */
record Workload(long seed, int keys, boolean loops) {

  /** The bytes after the number are no UTF-8: what comes out must not have been through text. */
  private static final byte[] TAIL = {' ', (byte) 0xff, (byte) 0xc3, 0, (byte) 0xfe};

  /**
   * One event.
   *
   * @param behaviour what {@code chaos.wat} does with it, the first byte of its data
   */
  record Planned(int number, String key, char behaviour) {

    Expected expected() {
      return switch (behaviour) {
        case 'r', 't', 'l' -> Expected.LETTER;
        default -> Expected.EFFECT;
      };
    }

    byte[] data() {
      byte[] head = (behaviour + " " + number).getBytes(StandardCharsets.US_ASCII);
      byte[] data = new byte[head.length + TAIL.length];
      System.arraycopy(head, 0, data, 0, head.length);
      System.arraycopy(TAIL, 0, data, head.length, TAIL.length);
      return data;
    }
  }

  Planned event(int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    return new Planned(number, "k" + random.nextInt(keys), behaviour(random.nextInt(1000)));
  }

  private char behaviour(int draw) {
    if (loops && draw < 1) {
      return 'l';
    }
    if (draw < 30) {
      return 't';
    }
    if (draw < 80) {
      return 'r';
    }
    if (draw < 130) {
      return '2';
    }
    if (draw < 160) {
      return '3';
    }
    return draw < 210 ? 's' : 'g';
  }

  /** The number in an event's data. */
  static int number(byte[] data) {
    int number = 0;
    for (int i = 2; data[i] != ' '; i++) {
      number = number * 10 + data[i] - '0';
    }
    return number;
  }
}

package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CommitMetadataTest {

  private static final List<OffsetRange> SOME =
      List.of(new OffsetRange(1_003, 1_004), new OffsetRange(1_010, 9_000_000_000L));

  @Test
  void readsWhatItWrote() {
    String text = CommitMetadata.encode(1_000, SOME);

    assertEquals(Optional.of(SOME), CommitMetadata.decode(1_000, text));
  }

  @Test
  void keepsItsFormat() {
    // Texts like this one are in brokers already: a later version must read them.
    assertEquals(
        "AQMBBgVQ7APW",
        CommitMetadata.encode(
            1_000, List.of(new OffsetRange(1_003, 1_004), new OffsetRange(1_010, 1_015))));
  }

  @Test
  void writesNothingWhenNothingIsFinishedAbove() {
    assertEquals("", CommitMetadata.encode(5, List.of()));
  }

  @Test
  void readsRandomSets() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      long committed = random.nextLong(1L << 40);
      TreeSet<Long> finished = new TreeSet<>();
      for (int n = random.nextInt(200); n > 0; n--) {
        finished.add(committed + 1 + random.nextInt(1_000));
      }
      List<OffsetRange> ranges = OffsetTrackerTest.ranges(finished);

      String text = CommitMetadata.encode(committed, ranges);

      assertEquals(
          ranges,
          text.isEmpty() ? List.of() : CommitMetadata.decode(committed, text).orElseThrow(),
          "seed " + seed);
    }
  }

  @Test
  void leavesOutFromTheTopWhatDoesNotFit() {
    List<OffsetRange> many = new ArrayList<>();
    for (long i = 1; i < 50_000; i++) {
      many.add(new OffsetRange(i * 1_000, i * 1_000 + 300));
    }

    String text = CommitMetadata.encode(0, many);

    assertTrue(text.length() <= CommitMetadata.MAX_CHARS, "length " + text.length());
    assertTrue(text.length() > CommitMetadata.MAX_CHARS - 16, "length " + text.length());
    List<OffsetRange> read = CommitMetadata.decode(0, text).orElseThrow();
    assertEquals(many.subList(0, read.size()), read);
    assertFalse(read.isEmpty());
  }

  @Test
  void ignoresWhatItDidNotWrite() {
    String text = CommitMetadata.encode(1_000, SOME);

    assertEquals(Optional.empty(), CommitMetadata.decode(1_001, text), "another offset's");
    assertEquals(Optional.empty(), CommitMetadata.decode(1_000, text.substring(0, 4)), "cut");
    assertEquals(
        Optional.empty(), CommitMetadata.decode(1_000, "some other program"), "not base64");
    assertEquals(Optional.empty(), CommitMetadata.decode(1_000, ""), "nothing");
    byte[] bytes = Base64.getDecoder().decode(text);
    bytes[0] = 2;
    assertEquals(
        Optional.empty(),
        CommitMetadata.decode(1_000, Base64.getEncoder().encodeToString(bytes)),
        "a newer version's");
  }

  @Test
  void ignoresEveryDamagedText() {
    byte[] bytes = Base64.getDecoder().decode(CommitMetadata.encode(1_000, SOME));
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));

      assertEquals(
          Optional.empty(),
          CommitMetadata.decode(1_000, Base64.getEncoder().encodeToString(damaged)),
          "bit " + bit);
    }
  }

  @Test
  void bearsRandomBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      String text =
          random.nextBoolean()
              ? Base64.getEncoder().encodeToString(bytes)
              : new String(bytes, StandardCharsets.ISO_8859_1);

      assertEquals(
          Optional.empty(), CommitMetadata.decode(random.nextLong(1_000), text), "seed " + seed);
    }
  }
}

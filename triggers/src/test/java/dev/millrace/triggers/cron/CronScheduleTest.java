package dev.millrace.triggers.cron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {

  // Unix expressions

  @ParameterizedTest
  @ValueSource(
      strings = {
        "* * * * *",
        "*/5 * * * *",
        "*/7 * * * *",
        "0 * * * *",
        "0 0 * * *",
        "30 2 * * *",
        "1-5/2 3 * * *",
        "0-59/5 2 * * *",
        "0,15,30-35 8-18/2 * * *",
        "0 9 * * 1-5",
        "0 9 * * mon-fri",
        "0 9 * * SUN",
        "0 9 * * 0",
        "0 9 * * 7",
        "0 9 * * 5-7",
        "0 9 * * 0-7",
        "0 9 * * */2",
        "0 9 * * 1,3,sat",
        "0 0 13 * 5",
        "0 0 1,15 * 1",
        "0 0 1-31 * 1",
        "0 0 */2 * 1",
        "0 0 1-7 * */3",
        "0 0 13 * */2",
        "* * 13 * 5",
        "0 0 31 * *",
        "0 0 29 2 *",
        "0 0 30 4,jun,JUL,9-11 *",
        "0 12 1 */3 *",
        "59 23 31 12 *",
        "0 0 1 1 0"
      })
  void agreesWithTheModelOnUnixExpressions(String expression) {
    int days = expression.startsWith("*") ? 45 : 400;
    assertAgrees(expression, ZoneOffset.UTC, "2027-11-20T23:58:00Z", Duration.ofDays(days));
  }

  @Test
  void agreesWithTheModelOnRandomExpressionsInEveryKindOfZone() {
    long seed = System.nanoTime();
    System.out.println("CronScheduleTest seed " + seed);
    Random random = new Random(seed);
    List<Change> changes =
        List.of(
            new Change(ZoneId.of("Europe/Berlin"), "2026-03-28T00:00:00Z"),
            new Change(ZoneId.of("Europe/Berlin"), "2026-10-24T00:00:00Z"),
            new Change(ZoneId.of("Australia/Lord_Howe"), "2026-04-04T00:00:00Z"),
            new Change(ZoneId.of("Australia/Lord_Howe"), "2026-10-03T00:00:00Z"),
            new Change(ZoneId.of("Africa/Cairo"), "2026-04-22T12:00:00Z"),
            new Change(ZoneId.of("Africa/Cairo"), "2026-10-28T12:00:00Z"),
            new Change(ZoneId.of("America/Santiago"), "2026-04-04T00:00:00Z"),
            new Change(ZoneId.of("America/Santiago"), "2026-09-05T00:00:00Z"),
            new Change(ZoneId.of("Pacific/Apia"), "2011-12-28T00:00:00Z"),
            new Change(ZoneId.of("America/New_York"), "2026-11-01T00:00:00Z"),
            new Change(ZoneId.of("Asia/Kathmandu"), "2026-01-01T00:00:00Z"));
    for (int i = 0; i < 400; i++) {
      Change change = changes.get(random.nextInt(changes.size()));
      String expression =
          "%s %s %s * %s"
              .formatted(
                  field(random, 0, 59),
                  random.nextInt(3) == 0 ? field(random, 0, 23) : field(random, 0, 3),
                  random.nextInt(4) == 0 ? field(random, 1, 28) : "*",
                  random.nextInt(4) == 0 ? field(random, 0, 7) : "*");
      assertAgrees(expression, change.zone(), change.shortlyBefore(), Duration.ofDays(4));
    }
  }

  /** A time shortly before the clocks of a zone change. */
  private record Change(ZoneId zone, String shortlyBefore) {}

  private static void assertAgrees(
      String expression, ZoneId zone, String after, Duration duration) {
    Instant from = Instant.parse(after);
    Instant to = from.plus(duration);
    assertEquals(
        List.copyOf(new VixieModel(expression).fires(zone, from, to)),
        CronSchedule.parse(expression, zone).between(from, to).toList(),
        () -> expression + " " + zone + " after " + after);
  }

  private static String field(Random random, int min, int max) {
    return switch (random.nextInt(6)) {
      case 0 -> "*";
      case 1 -> "*/" + (1 + random.nextInt(max));
      case 2 -> {
        int from = min + random.nextInt(max - min + 1);
        int to = from + random.nextInt(max - from + 1);
        yield from + "-" + to + "/" + (1 + random.nextInt(max));
      }
      default ->
          IntStream.rangeClosed(0, random.nextInt(3))
              .mapToObj(i -> String.valueOf(min + random.nextInt(max - min + 1)))
              .collect(Collectors.joining(","));
    };
  }

  @ParameterizedTest
  @CsvSource({
    "@yearly, 0 0 1 1 *",
    "@annually, 0 0 1 1 *",
    "@monthly, 0 0 1 * *",
    "@weekly, 0 0 * * 0",
    "@daily, 0 0 * * *",
    "@midnight, 0 0 * * *",
    "@hourly, 0 * * * *",
    "@Daily, 0 0 * * *",
    "0 9 * * fri-sun, '0 9 * * 0,5,6'",
  })
  void readsNames(String name, String expression) {
    ZoneId zone = ZoneId.of("Europe/Berlin");
    Instant now = Instant.parse("2026-03-20T00:00:00Z");

    assertEquals(
        CronSchedule.parse(expression, zone).next(now, 50),
        CronSchedule.parse(name, zone).next(now, 50));
  }

  // Quartz expressions

  @ParameterizedTest
  @CsvSource({
    "0 0 12 ? * MON-FRI, 2026-11-23T12:00:00Z",
    "*/10 * * * * ?, 2026-11-22T00:00:10Z",
    "0 5/15 * * * ?, 2026-11-22T00:05:00Z",
    "0 0 0 LW * ?, 2026-11-30T00:00:00Z",
    "0 0 0 L-3 * ?, 2026-11-27T00:00:00Z",
    "0 0 0 15W * ?, 2026-12-15T00:00:00Z",
    "0 0 0 ? * 6#3, 2026-12-18T00:00:00Z",
    "0 0 0 ? * FRI#3, 2026-12-18T00:00:00Z",
    "0 0 0 ? * 6L, 2026-11-27T00:00:00Z",
    "0 0 22-2 * * ?, 2026-11-22T01:00:00Z",
    "0 0 0 1 jan ? 2031, 2031-01-01T00:00:00Z",
    "0 0 0 ? * 1, 2026-11-29T00:00:00Z"
  })
  void readsQuartzExpressions(String expression, Instant first) {
    assertEquals(
        Optional.of(first),
        CronSchedule.parse(expression, ZoneOffset.UTC).next(Instant.parse("2026-11-22T00:00:00Z")));
  }

  // Refusals

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "61 * * * * | minute '61' is not allowed; allowed are numbers from 0 to 59",
        "* 24 * * * | hour '24' is not allowed; allowed are numbers from 0 to 23",
        "* * 0 * * | day of month '0' is not allowed; allowed are numbers from 1 to 31",
        "* * * 13 * | month '13' is not allowed; allowed are numbers from 1 to 12, names from JAN to DEC",
        "* * * foo * | month 'foo'",
        "* * * * 8 | day of week '8' is not allowed; allowed are numbers from 0 to 7, names from SUN to SAT",
        "* * * * mo | day of week 'mo'",
        "*/0 * * * * | minute '*/0': a step is a number from 1 to 59",
        "*/x * * * * | minute '*/x': a step is a number from 1 to 59",
        "5/15 * * * * | minute '5/15': a step needs * or a range; write 5-59/15",
        "1,,2 * * * * | minute has an empty entry; remove the extra comma",
        "0 22-2 * * * | hour '22-2' ends before it starts; write two ranges: 22-23,0-2",
        "1-2-3 * * * * | minute '1-2-3' is not allowed",
        "1x * * * * | minute '1x' is not allowed",
        "-1 * * * * | minute '-1' is not allowed",
        "99999999999 * * * * | minute '99999999999' is not allowed",
        "0 0 ? * * | day of month '?' belongs to Quartz expressions",
        "0 0 L * * | day of month 'L' belongs to Quartz expressions",
        "0 0 * * 5#3 | day of week '5#3' belongs to Quartz expressions",
        "0 0 * * * ? * * | it has 8 fields; a unix expression has 5",
        "daily | it has 1 field; a unix expression has 5",
        "`` | it has 0 fields",
        "@dayly | there is no such name; known are @annually, @daily",
        "@every 5m | '@every' counts from the start of one process",
        "@reboot | '@reboot' is no time",
        "0 0 25 * * ? | hour '25' is not allowed",
        "0 0 12 * * * | exactly one of them is '?'",
        "0 0 12 ? * ? | exactly one of them is '?'",
        "0 0 12 1 * MON | day of month '1', day of week 'MON'",
        "0 */0 * * * ? | minute '*/0': a step",
        "0 ? * * * ? | minute '?' is not allowed",
        "0 0 0 ? * 8L | day of week '8' is not allowed",
        "0 0 0 ? * 6#6 | day of week '6#6' is not allowed",
        "0 0 0 32W * ? | day of month '32' is not allowed",
        "0 0 0 ? * TUEX | day of week 'TUEX' is not allowed",
        "0 0 0 ? * * 20x6 | year '20X6' is not allowed",
        "0 0 31 2 * | never fires: there is no such date",
        "0 0 0 30 2 ? | never fires: there is no such date"
      })
  void refusesWithASentence(String expression, String sentence) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> CronSchedule.parse(expression, ZoneOffset.UTC));

    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("schedule '" + expression + "'"), message);
    assertTrue(message.contains(sentence), message);
    assertEquals(
        Optional.of(message),
        CronSchedule.problem(expression, ZoneOffset.UTC, Instant.EPOCH),
        "the same sentence for lint");
  }

  @Test
  void neverThrowsAnythingElse() {
    long seed = System.nanoTime();
    System.out.println("CronScheduleTest seed " + seed);
    Random random = new Random(seed);
    String alphabet = "0123456789*/-,?LW#@ MONJA";
    for (int i = 0; i < 5_000; i++) {
      String expression =
          IntStream.rangeClosed(0, 5 + random.nextInt(2))
              .mapToObj(
                  field ->
                      random
                          .ints(1 + random.nextInt(3), 0, alphabet.length())
                          .mapToObj(c -> String.valueOf(alphabet.charAt(c)))
                          .collect(Collectors.joining()))
              .collect(Collectors.joining(" "));
      Optional<String> problem =
          CronSchedule.problem(expression, ZoneOffset.UTC, Instant.parse("2026-01-01T00:00:00Z"));
      assertTrue(problem.isEmpty() || problem.orElseThrow().startsWith("schedule '"), expression);
    }
  }

  @Test
  void saysWhenAScheduleIsOver() {
    Optional<String> problem =
        CronSchedule.problem(
            "0 0 0 1 1 ? 2020", ZoneOffset.UTC, Instant.parse("2026-01-01T00:00:00Z"));

    assertTrue(problem.orElseThrow().contains("never fires again after 2026-01-01T00:00:00Z"));
  }

  // Daylight saving

  @ParameterizedTest
  @CsvSource({
    // Berlin skips 02:00 to 03:00 at 01:00Z on 29 March 2026
    "30 2 * * *, Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z",
    "'0,30 2 * * *', Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z",
    "'0 2,3 * * *', Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z",
    "0 * * * *, Europe/Berlin, 2026-03-29T00:00:00Z, 2026-03-29T01:00:00Z 2026-03-29T02:00:00Z",
    "*/30 2 * * *, Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z",
    "0 30 2 * * ?, Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z",
    "0 0/30 2 * * ?, Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z",
    // and repeats 02:00 to 03:00 from 01:00Z on 25 October 2026
    "30 2 * * *, Europe/Berlin, 2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z",
    "30 * * * *, Europe/Berlin, 2026-10-25T00:00:00Z, 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z",
    "*/30 2 * * *, Europe/Berlin, 2026-10-25T00:10:00Z, 2026-10-25T00:30:00Z 2026-10-25T01:00:00Z",
    "0 3 * * *, Europe/Berlin, 2026-10-24T12:00:00Z, 2026-10-25T02:00:00Z 2026-10-26T02:00:00Z",
    // Lord Howe moves by half an hour
    "15 2 * * *, Australia/Lord_Howe, 2026-10-03T00:00:00Z, 2026-10-03T15:30:00Z 2026-10-04T15:15:00Z",
    "45 1 * * *, Australia/Lord_Howe, 2026-04-04T00:00:00Z, 2026-04-04T14:45:00Z 2026-04-05T15:15:00Z",
    "*/15 1 * * *, Australia/Lord_Howe, 2026-04-04T14:40:00Z, 2026-04-04T14:45:00Z 2026-04-04T15:00:00Z",
    // Cairo skips the hour after midnight, and repeats the one before it
    "0 0 * * *, Africa/Cairo, 2026-04-23T12:00:00Z, 2026-04-23T22:00:00Z 2026-04-24T21:00:00Z",
    "30 0 * * *, Africa/Cairo, 2026-04-23T12:00:00Z, 2026-04-23T22:00:00Z 2026-04-24T21:30:00Z",
    "30 23 * * *, Africa/Cairo, 2026-10-29T12:00:00Z, 2026-10-29T20:30:00Z 2026-10-30T21:30:00Z",
    "0 0 * * *, Africa/Cairo, 2026-10-29T12:00:00Z, 2026-10-29T22:00:00Z 2026-10-30T22:00:00Z",
    // Apia had no 30 December 2011
    "0 12 * * *, Pacific/Apia, 2011-12-29T12:00:00Z, 2011-12-29T22:00:00Z 2011-12-30T22:00:00Z",
    "0 * * * *, Pacific/Apia, 2011-12-30T09:00:00Z, 2011-12-30T10:00:00Z 2011-12-30T11:00:00Z"
  })
  void followsVixiesRuleForDaylightSaving(
      String expression, String zone, Instant after, String times) {
    List<Instant> expected = instants(times);

    assertEquals(
        expected, CronSchedule.parse(expression, ZoneId.of(zone)).next(after, expected.size()));
  }

  private static List<Instant> instants(String times) {
    return List.of(times.split(" ")).stream().map(Instant::parse).toList();
  }

  // Looking along the grid

  @Test
  void startsAfterTheInstantItIsGiven() {
    CronSchedule schedule = CronSchedule.parse("* * * * *", ZoneOffset.UTC);
    Instant onTheGrid = Instant.parse("2026-01-01T10:00:00Z");

    assertEquals(Optional.of(onTheGrid), schedule.next(onTheGrid.minusNanos(1)));
    assertEquals(Optional.of(onTheGrid.plusSeconds(60)), schedule.next(onTheGrid));
    assertEquals(Optional.of(onTheGrid.plusSeconds(60)), schedule.next(onTheGrid.plusNanos(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"* * * * *", "0 2 * * *", "0 0 13 * 5", "*/20 1-3 * * *", "0 0 29 2 *"})
  void theLatestGridTimesAreTheEndOfAll(String expression) {
    CronSchedule schedule = CronSchedule.parse(expression, ZoneId.of("Europe/Berlin"));
    Instant from = Instant.parse("2026-02-01T00:00:00Z");
    Instant to = Instant.parse("2026-04-01T00:00:00Z");
    List<Instant> all = schedule.between(from, to).toList();

    for (int count : new int[] {1, 2, 7, 1000}) {
      assertEquals(
          all.subList(Math.max(0, all.size() - count), all.size()),
          schedule.latest(from, to, count));
    }
    assertEquals(List.of(), schedule.latest(to, from, 5));
  }
}

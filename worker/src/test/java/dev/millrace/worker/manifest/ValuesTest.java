package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, sizes, globs and suggestions. */
class ValuesTest {

  @ParameterizedTest
  @CsvSource({
    "0s, PT0S",
    "200ms, PT0.2S",
    "2s, PT2S",
    "5m, PT5M",
    "1h, PT1H",
    "1d, P1D",
    "36500d, P36500D"
  })
  void readsDurations(String text, Duration duration) {
    assertEquals(duration, DurationText.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "s", "-1s", "1.5s", "1 s", "1S", "1w", "36501d", "9999999999999999999s"})
  void refusesWhatIsNoDuration(String text) {
    assertThrows(IllegalArgumentException.class, () -> DurationText.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "1ms", "1500ms", "90s", "5m", "2h", "3d"})
  void writesADurationAsItIsRead(String text) {
    assertEquals(text, DurationText.format(DurationText.parse(text)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "65536, 65536",
    "64Ki, 65536",
    "1Mi, 1048576",
    "4Gi, 4294967296",
    "8589934591Gi, 9223372035781033984"
  })
  void readsSizes(String text, long bytes) {
    assertEquals(bytes, DataSize.parse(text).bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Ki", "-1", "1.5Mi", "1 Ki", "1KB", "1k", "8589934592Gi"})
  void refusesWhatIsNoSize(String text) {
    assertThrows(IllegalArgumentException.class, () -> DataSize.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 1000",
    "1024, 1Ki",
    "65536, 64Ki",
    "1073741824, 1Gi",
    "1099511627776, 1024Gi"
  })
  void writesASizeInItsLargestWholeUnit(long bytes, String text) {
    assertEquals(text, new DataSize(bytes).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "cache.*, cache.users, true",
    "cache.*, cacheXusers, false",
    "h?llo, hello, true",
    "h?llo, hllo, false",
    "h[ae]llo, hallo, true",
    "h[ae]llo, hillo, false",
    "h[^e]llo, hallo, true",
    "h[^e]llo, hello, false",
    "h[a-c]llo, hbllo, true",
    "h[c-a]llo, hbllo, true",
    "h[a-c]llo, hdllo, false",
    "a\\*b, a*b, true",
    "a\\*b, axb, false",
    "a[\\]]b, a]b, true",
    "a[b, ab, true",
    "a[]b, ab, false",
    "a(b), a(b), true",
    "'*', 'any\nthing', true",
  })
  void matchesChannelsAsRedisDoes(String glob, String channel, boolean matches) {
    assertEquals(matches, RedisGlob.compile(glob).matcher(channel).matches());
  }

  @ParameterizedTest
  @CsvSource({
    "wsam, wasm",
    "wasn, wasm",
    "WASM, wasm",
    "maxInFlight, max_in_flight",
    "dead-letter, dead_letter",
    "flight, max_in_flight",
  })
  void suggestsWhatIsNear(String name, String meant) {
    assertEquals(
        Optional.of(meant),
        Suggestion.nearest(name, List.of("wasm", "max_in_flight", "dead_letter", "abi")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"colour", "x", "wa", "function", ""})
  void suggestsNothingThatIsFar(String name) {
    assertEquals(
        Optional.empty(),
        Suggestion.nearest(name, List.of("wasm", "max_in_flight", "dead_letter", "abi")));
  }

  @Test
  void suggestsNoneOfTwoThatContainTheName() {
    assertEquals(Optional.empty(), Suggestion.nearest("max", List.of("max_age", "max_attempts")));
  }
}

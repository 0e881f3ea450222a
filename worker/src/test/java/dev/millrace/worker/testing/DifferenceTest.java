package dev.millrace.worker.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a failed test shows is where the two differ, not only that they do. */
class DifferenceTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          "hello"        | hello
          {"a":1,"b":[]} | {"b":[],"a":1.0}
          5              | 5
          null           | null
          """)
  void findsNoneWhereThereIsNone(String expected, String actual) {
    assertEquals(List.of(), of(expected, actual));
  }

  @Test
  void pointsAtThePlacesOfJson() {
    assertEquals(
        List.of(
            """
            expected the reply to be {"a":{"b":[1,2]},"c":3}, got {"a":{"b":[1,9,7]},"d":4}
              - /a/b/1: 2
              + /a/b/1: 9
              + /a/b/2: 7
              - /c: 3
              + /d: 4"""),
        of("{\"a\":{\"b\":[1,2]},\"c\":3}", "{\"a\":{\"b\":[1,9,7]},\"d\":4}"));
  }

  @Test
  void showsTheFirstLineOfATextThatDiffers() {
    assertEquals(
        List.of("line 2 of the reply is not as expected\n  - two\n  + too"),
        of("\"one\\ntwo\\nthree\"", "one\ntoo\nthree"));
    assertEquals(
        List.of("line 3 of the reply is not as expected\n  - (its end)\n  + three"),
        of("\"one\\ntwo\"", "one\ntwo\nthree"));
  }

  @Test
  void saysWhatIsThereInsteadOfWhatWasMeant() {
    assertEquals(List.of("expected the reply to be \"x\", got null"), of("\"x\"", null));
    assertEquals(
        List.of("expected the reply to be {\"a\":1}, got no json"), of("{\"a\":1}", "no json"));
    assertEquals(List.of("expected the reply to be null, got x"), of("null", "x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          "ell"                  | hello                              | true
          "ill"                  | hello                              | false
          {"a":1}                | {"a":1,"b":2}                      | true
          {"a":1}                | {"a":2,"b":2}                      | false
          {"a":{"b":[{"c":1}]}}  | {"a":{"b":[{"d":0},{"c":1,"d":2}]}} | true
          [3]                    | [1,2]                              | false
          {"a":1}                | no json                            | false
          """)
  void findsAPartOfAWhole(String part, String whole, boolean contained) {
    assertEquals(
        contained,
        Difference.within("reply", JSON.readTree(part), whole.getBytes(StandardCharsets.UTF_8))
            .isEmpty());
  }

  private static List<String> of(String expected, @Nullable String actual) {
    JsonNode json = JSON.readTree(expected);
    return Difference.of(
        "reply", json, actual == null ? null : actual.getBytes(StandardCharsets.UTF_8));
  }
}

package dev.millrace.worker.wasm.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.files.Errno;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostFunctionCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code docs/wasi.md} says of each function of WASI preview 1 what the code does: its table is the
 * test's table. A function that is granted one day has its row changed there, and is tested by it.
 */
class WasiMatrixTest {

  private static final Path FILE = Path.of("..", "docs", "wasi.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)` \\| `([^`]+)` \\| (granted|refused) \\| .* \\| (.*) \\|");
  private static final Pattern CALL = Pattern.compile("`(\\w+)\\(([-\\d, ]*)\\)` → `E(\\w+)`");

  private static final Map<String, Integer> ERRNO =
      Map.ofEntries(
          Map.entry("SUCCESS", Errno.SUCCESS),
          Map.entry("BADF", Errno.BADF),
          Map.entry("EXIST", Errno.EXIST),
          Map.entry("INVAL", Errno.INVAL),
          Map.entry("ISDIR", Errno.ISDIR),
          Map.entry("NAMETOOLONG", Errno.NAMETOOLONG),
          Map.entry("NOENT", Errno.NOENT),
          Map.entry("NOSPC", Errno.NOSPC),
          Map.entry("NOSYS", Errno.NOSYS),
          Map.entry("NOTDIR", Errno.NOTDIR),
          Map.entry("NOTSOCK", Errno.NOTSOCK),
          Map.entry("NOTSUP", Errno.NOTSUP),
          Map.entry("PERM", Errno.PERM),
          Map.entry("ROFS", Errno.ROFS),
          Map.entry("SPIPE", Errno.SPIPE));

  private final HostFunctionCalls calls = new HostFunctionCalls();

  @AfterEach
  void close() {
    calls.close();
  }

  /** One row of the table. */
  record Row(String function, String signature, String granted, String calls) {
    @Override
    public String toString() {
      return function;
    }

    List<MatchResult> answers() {
      return CALL.matcher(calls).results().toList();
    }
  }

  static Stream<Row> rows() throws IOException {
    return Files.readAllLines(FILE).stream()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .map(row -> new Row(row.group(1), row.group(2), row.group(3), row.group(4)));
  }

  @Test
  void everyFunctionHasARow() throws IOException {
    Map<String, String> documented =
        rows().collect(Collectors.toMap(Row::function, Row::signature, (a, b) -> a, TreeMap::new));
    Map<String, String> offered = new TreeMap<>();
    WasiGuest.OFFERED.forEach(
        (name, function) -> offered.put(name, HostFunctionCalls.signature(function)));

    assertEquals(offered, documented);
    assertEquals(46, rows().count());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void answersAsItsRowSays(Row row) {
    WasiGuest guest = WasiGuest.started(calls);
    if (row.function().equals("proc_exit")) {
      GuestStop.Exit exit =
          assertThrows(GuestStop.Exit.class, () -> guest.call("proc_exit", new long[] {7}));
      assertEquals(7, exit.code());
      return;
    }
    assertFalse(row.answers().isEmpty(), "no call");

    for (MatchResult call : row.answers()) {
      assertEquals(row.function(), call.group(1));
      long[] arguments =
          Arrays.stream(call.group(2).split(","))
              .map(String::strip)
              .filter(argument -> !argument.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      assertEquals(
          WasiGuest.OFFERED.get(row.function()).type().params().size(),
          arguments.length,
          call.group());
      assertEquals(
          (long) ERRNO.get(call.group(3)), guest.call(row.function(), arguments), call.group());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whatIsRefusedNeverSucceedsAndWhatIsGrantedDoes(Row row) {
    boolean succeeds =
        row.answers().stream().anyMatch(call -> call.group(3).equals("SUCCESS"))
            || row.function().equals("proc_exit");

    assertEquals(row.granted().equals("granted"), succeeds);
  }

  @Test
  void everyErrorNumberIsUsed() throws IOException {
    assertTrue(
        rows()
            .flatMap(row -> row.answers().stream())
            .map(call -> call.group(3))
            .collect(Collectors.toCollection(TreeSet::new))
            .containsAll(ERRNO.keySet()));
  }
}

package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace test}: the world that a test gives its function, and what it says of the end. */
class TestCommandTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  @BeforeEach
  void copyModules() throws IOException {
    for (String module : new String[] {"seller.wasm", "echo.wasm"}) {
      Files.copy(Path.of("src", "test", "resources", "wasm", module), directory.resolve(module));
    }
  }

  @Test
  void givesAFunctionItsWorldAndLooksAtItAfterwards() throws IOException {
    tests(
        """
        - function: seller
          config: { region: us }
          clock: 2026-01-01T00:00:00Z
          mocks:
            kv: { default: { total: 41 } }
            http: [{ url: "https://api.example.com/*", body: { price: 5, currency: EUR } }]
          expect:
            reply: { currency: EUR, price: 5 }
            reply_contains: { price: 5 }
            publishes: [{ to: events/sold, key: k, headers: { x: y }, data: { price: 5, currency: EUR } }]
            log: us
            within: 20s
            kv: { default: { total: 42, other: null } }
            http: [{ url: "https://api.example.com/price" }]
        - { name: the year begins, function: seller, clock: 2026-01-01T00:00:00Z, mocks: { http: [{ url: "https://*" }] }, expect: { log: new year } }
        - { name: the system's clock, function: seller, mocks: { http: [{ url: "https://*" }] }, expect: { log: eu, kv: { default: { total: 1 } } } }
        """);

    Shell shell = Shell.run("test", directory.toString());

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.out() + shell.err());
    assertTrue(shell.out().endsWith("3 passed, 0 failed\n"), shell.out());
  }

  @Test
  void saysEachThingThatIsNotAsExpected() throws IOException {
    tests(
        """
        - function: seller
          mocks: { http: [{ url: "https://api.example.com/price", body: cheap }] }
          expect:
            reply_contains: dear
            publishes: [{ to: events/sold, headers: { x: z }, data: dear }]
            log: us
            within: 0ms
            kv: { default: { total: 2 } }
            http: [{ method: POST, url: "https://api.example.com/price" }]
        """);

    assertEquals(
        List.of(
            "expected the log to contain 'us', got 'INFO eu\n'",
            "expected an end within 0 ms, but it took N ms",
            "expected the reply to contain \"dear\", got cheap",
            "expected the header x of publish 1 to be z, got y",
            "expected the data of publish 1 to be \"dear\", got cheap",
            "expected HTTP request 1 to be POST https://api.example.com/price, got GET"
                + " https://api.example.com/price",
            "expected the value of 'total' in key-value store 'default' to be 2, got 1"),
        differences().stream().map(each -> each.replaceAll("took \\d+", "took N")).toList());
  }

  @Test
  void aRequestWithoutAMockFailsTheTestWhateverTheFunctionMakesOfIt() throws IOException {
    tests("- { function: seller, expect: { outcome: retry, error: no price } }\n");

    assertEquals(
        List.of(
            "the function asked for GET https://api.example.com/price, which no mock answers; add"
                + " it to mocks.http"),
        differences());
  }

  @Test
  void theNextAttemptsFindWhatTheOnesBeforeLeft() throws IOException {
    tests(
        """
        - function: seller
          mocks: { http: [{ url: "https://*", away: true }, { url: "https://*", body: now }] }
          expect: { outcome: retry, error: no price, kv: { default: { total: 1 } } }
          then:
            - { reply: now, kv: { default: { total: 2 } }, http: [{ url: "https://api.example.com/price" }, { url: "https://api.example.com/price" }] }
            - { outcome: reject }
        - { name: the next test begins anew, function: seller, mocks: { http: [{ url: "https://*" }] }, expect: { kv: { default: { total: 1 } } } }
        """);

    Shell shell = Shell.run("test", directory.toString());

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.out() + shell.err());
  }

  @Test
  void grantsHoldInATestAsInEarnest() throws IOException {
    tests(
        "- { function: poor, mocks: { http: [{ url: 'https://*' }] }, expect: { outcome: retry,"
            + " http: [] } }\n");

    assertEquals(List.of(), differences());
  }

  @Test
  void readsFilesOfTestsAndNamesTheirPlaces() throws IOException {
    tests("- { function: echo, event: { data: a }, expect: { reply: a } }\n");
    Files.createDirectory(directory.resolve("tests"));
    Path file = directory.resolve("tests/more.yaml");
    Files.writeString(
        file,
        """
        tests:
          - { function: echo, event: { data: a }, expect: { reply: a } }
          - { function: echo, event: { data: a }, expect: { reply: b } }
        """);

    Shell shell = Shell.run("test", directory.toString());

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode(), shell.err());
    assertEquals(
        """
        pass  echo 1
        pass  echo 1 of more.yaml
        FAIL  echo 2 of more.yaml
              at %s:3
              expected the reply to be "b", got a
        2 passed, 1 failed
        """
            .formatted(file),
        shell.out());
  }

  @Test
  void lintFindsWhatIsWrongWithAFileOfTestsAndUpDoesNotLook() throws IOException {
    tests("- { name: one, function: echo, expect: {} }\n");
    Files.createDirectory(directory.resolve("tests"));
    Files.writeString(
        directory.resolve("tests/a.yaml"),
        "tests:\n  - { name: one, functoin: echo, expect: {} }\n");
    Files.writeString(directory.resolve("tests/b.yaml"), "functions: {}\n");

    Shell lint = Shell.run("lint", directory.toString());

    assertEquals(ExitCodes.MANIFEST_INVALID, lint.exitCode());
    assertTrue(lint.out().contains("tests/a.yaml:2:18 unknown-key test 1: "), lint.out());
    assertTrue(
        lint.out().contains("tests/a.yaml:2:13 duplicate-test test 1: the test on line 14 of "),
        lint.out());
    assertTrue(lint.out().contains("tests/b.yaml:1:1 syntax a file of tests is"), lint.out());
    assertEquals(ExitCodes.DONE, Shell.run("build", "-f", directory.toString()).exitCode());
  }

  @Test
  void runsWhatTheFilterLeaves() throws IOException {
    tests(
        """
        - { name: Large order, function: echo, expect: {} }
        - { name: small order, function: echo, expect: { reply: wrong } }
        - { name: large refund, function: poor, expect: { outcome: done } }
        """);

    Shell large =
        Shell.run("test", directory.toString(), "--filter", "LARGE", "--function", "echo");

    assertEquals("pass  Large order\n1 passed, 0 failed\n", large.out());
    Shell none = Shell.run("test", directory.toString(), "--filter", "huge");
    assertEquals(ExitCodes.NOT_FOUND, none.exitCode());
  }

  @Test
  void writesAReportThatBuildServersRead() throws Exception {
    tests(
        """
        - { name: good, function: echo, event: { data: a }, expect: { reply: a } }
        - { name: "bad & <odd>", function: echo, event: { data: "a\\u0001" }, expect: { reply: b } }
        """);
    Path report = directory.resolve("report.xml");

    Shell shell = Shell.run("test", directory.toString(), "--report", report.toString());

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode(), shell.err());
    Element suites =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getDocumentElement();
    Element suite = (Element) suites.getElementsByTagName("testsuite").item(0);
    assertEquals("echo", suite.getAttribute("name"));
    assertEquals("2", suite.getAttribute("tests"));
    assertEquals("1", suite.getAttribute("failures"));
    Element bad = (Element) suite.getElementsByTagName("testcase").item(1);
    assertEquals("bad & <odd>", bad.getAttribute("name"));
    assertEquals(
        "expected the reply to be \"b\", got a\uFFFD",
        ((Element) bad.getElementsByTagName("failure").item(0)).getAttribute("message"));
  }

  @Test
  void writesTheSameReportAsItsOutput() throws Exception {
    tests("- { name: good, function: echo, event: { data: a }, expect: { reply: a } }\n");
    Path report = directory.resolve("report.xml");

    Shell shell =
        Shell.run("test", directory.toString(), "-o", "junit", "--report", report.toString());

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    String untimed = "time=\"[0-9.]+\"";
    assertEquals(
        Files.readString(report).replaceAll(untimed, ""), shell.out().replaceAll(untimed, ""));
  }

  private List<String> differences() {
    Shell shell = Shell.run("test", directory.toString(), "-o", "json");
    assertEquals("", shell.err());
    JsonNode test = JSON.readTree(shell.out()).get("tests").get(0);
    return test.get("differences").valueStream().map(JsonNode::stringValue).toList();
  }

  private void tests(String tests) throws IOException {
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        store: { path: store.db, durable: false }
        connections: { events: { kafka: { bootstrap: "localhost:1" } } }
        functions:
          seller:
            wasm: seller.wasm
            config: { region: eu }
            allow: { once: true, kv: [default], http: ["https://api.example.com"], publish: [events/sold] }
          poor: { wasm: seller.wasm, config: { region: eu }, allow: { once: true, kv: [default], http: ["https://other.example.com"], publish: [events/sold] } }
          echo: { wasm: echo.wasm }
        triggers:
          hourly: { cron: { schedule: "@hourly" }, function: echo }
        tests:
        """
            + tests.indent(2));
  }
}

package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An addition is whole lines at the right place, and everything else stays byte for byte. */
class ManifestEditTest {

  private static final String BODY = "wasm: new.wasm\nbuild:\n  command: >-\n    make\n";

  private static final String PLAIN =
      """
      millrace: 1
      functions:
        a: { wasm: a.wasm }
      triggers:
        t: { cron: { schedule: "* * * * *" }, function: a }
      """;

  private static final String COMMENTED =
      """
      # ours
      millrace: 1   # the only version

      functions:   # all of them
        a:
          wasm: a.wasm
          # limits: { timeout: 1s }
        # b is off today

        # and c, too

      # what runs them
      triggers:
        t:
          cron: { schedule: "* * * * *" }
          function: a
          data: |
            # not a comment

            text

      # the end


      """;

  private static final String DEEP =
      """
      millrace: 1
      functions:
          a:
              wasm: a.wasm
              config:
                  text: >+
                    kept

          "b":
              wasm: b.wasm
              config: {
                x: 1,
                y: 2 }

      triggers:
          t: { cron: { schedule: "* * * * *" }, function: a }
      """;

  private static final String APART =
      """
      millrace: 1

      functions:

        a:
          wasm: a.wasm

        # the second
        b: { wasm: b.wasm }

      triggers: &them

        t: { cron: { schedule: "* * * * *" }, function: a }
      """;

  private static final String EMPTY = "millrace: 1\nfunctions:   # none\n  # yet\ntriggers:\n";

  static Stream<Arguments> manifests() {
    List<Arguments> all = new ArrayList<>();
    for (String text : List.of(PLAIN, COMMENTED, DEEP, APART, EMPTY, "millrace: 1\n")) {
      for (String section : List.of("functions", "triggers", "connections")) {
        String windows = text.replace("\n", "\r\n");
        all.add(Arguments.of(text, section));
        all.add(Arguments.of(windows, section));
        all.add(Arguments.of(text.replace("\n", "\r"), section));
        all.add(Arguments.of("\uFEFF" + windows, section));
        all.add(Arguments.of(text.stripTrailing(), section));
        all.add(Arguments.of(text.indent(2), section));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void putsWholeLinesBetweenThoseThatStay(String text, String section) throws Exception {
    ManifestEdit.Added added = ManifestEdit.of("m.yaml", text).add(section, "new", BODY);

    String edited = added.manifest().text();
    String end = text.contains("\r\n") ? "\r\n" : text.contains("\r") ? "\r" : "\n";
    String inserted = String.join(end, added.lines()) + end;
    int at = edited.indexOf(inserted);
    assertTrue(at >= 0, edited);
    String before = edited.substring(0, at);
    String rest = edited.substring(at + inserted.length());
    boolean endless = rest.isEmpty() && (before + rest).equals(text + end);
    assertTrue(endless || (before + rest).equals(text), edited);
    assertEquals(added.line(), before.split(end, -1).length);
    assertEquals(List.of("new"), named(added.manifest(), section));
  }

  private static List<String> named(ManifestEdit manifest, String section) {
    return manifest.named(section, "build");
  }

  @Test
  void goesBehindTheCommentsOfItsSectionAndBeforeThoseOfTheNext() throws Exception {
    assertEquals(
        COMMENTED.replace(
            "  # and c, too\n",
            """
              # and c, too
              new:
                wasm: new.wasm
                build:
                  command: >-
                    make
            """),
        ManifestEdit.of("m.yaml", COMMENTED).add("functions", "new", BODY).manifest().text());
    assertTrue(
        ManifestEdit.of("m.yaml", COMMENTED)
            .add("triggers", "new", "function: a\n")
            .manifest()
            .text()
            .endsWith("      text\n  new:\n    function: a\n\n# the end\n\n\n"));
  }

  @Test
  void isIndentedAndSetApartAsItsNeighboursAre() throws Exception {
    assertTrue(
        ManifestEdit.of("m.yaml", DEEP)
            .add("functions", "new", BODY)
            .manifest()
            .text()
            .contains(
                """
                          y: 2 }

                    new:
                        wasm: new.wasm
                        build:
                            command: >-
                                make

                triggers:
                """
                    .indent(0)));
    assertTrue(
        ManifestEdit.of("m.yaml", APART)
            .add("functions", "new", "wasm: new.wasm\n")
            .manifest()
            .text()
            .contains("  b: { wasm: b.wasm }\n\n  new:\n    wasm: new.wasm\n\ntriggers: &them\n"));
  }

  @Test
  void beginsASectionAtTheEndOfTheFile() throws Exception {
    assertEquals(
        PLAIN + "connections:\n  events:\n    kafka: { bootstrap: b }\n",
        ManifestEdit.of("m.yaml", PLAIN)
            .add("connections", "events", "kafka: { bootstrap: b }\n")
            .manifest()
            .text());
  }

  @Test
  void showsWhatIsNewAsADiff() throws Exception {
    assertEquals(
        """
        @@ -2,4 +2,6 @@
         functions:
           a: { wasm: a.wasm }
        +  new:
        +    wasm: new.wasm
         triggers:
           t: { cron: { schedule: "* * * * *" }, function: a }
        """,
        ManifestEdit.of("m.yaml", PLAIN).add("functions", "new", "wasm: new.wasm\n").diff());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ millrace: 1, functions: { a: { wasm: a.wasm } } }",
        "millrace: 1\nfunctions: { a: { wasm: a.wasm } }\n",
        "millrace: 1\nfunctions: {}\n",
        "millrace: 1\nfunctions: ~\n",
        "millrace: 1\nfunctions: [a]\n",
        "millrace: 1\nx: &x\n  a: 1\nfunctions: *x\n",
        "millrace: 1\nfunctions: &x\n  a: 1\ny: *x\n"
      })
  void saysWhatToWriteByHandWhereItCannotAdd(String text) throws Exception {
    ManifestEdit edit = ManifestEdit.of("m.yaml", text);

    EditRefusedException refused =
        assertThrows(
            EditRefusedException.class, () -> edit.add("functions", "new", "wasm: new.wasm\n"));

    assertTrue(
        refused.getMessage().endsWith("by hand:\nfunctions:\n  new:\n    wasm: new.wasm"),
        refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "millrace: 1\n...\n",
        "millrace: 1\nconfig: |+\n  kept\n\n",
        "millrace: 1\nconfig: |\n  no end"
      })
  void neverChangesAnotherValue(String text) throws Exception {
    ManifestEdit edit = ManifestEdit.of("m.yaml", text);
    String without = text.contains("kept") ? "kept\n\n" : "no end";
    try {
      String edited = edit.add("functions", "new", "wasm: new.wasm\n").manifest().text();
      assertTrue(edited.startsWith(text) && edited.contains(without), edited);
    } catch (EditRefusedException refused) {
      assertTrue(refused.getMessage().contains("add it by hand:"), refused.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"functions:\n\ta: 1\n", "a: 1\n---\nb: 2\n", "", "[a]", "a: 1\na: 2\n"})
  void refusesWhatIsNoManifest(String text) {
    assertThrows(EditRefusedException.class, () -> ManifestEdit.of("m.yaml", text));
  }

  @Test
  void refusesANameThatIsTaken() throws Exception {
    ManifestEdit edit = ManifestEdit.of("m.yaml", DEEP);

    EditRefusedException refused =
        assertThrows(EditRefusedException.class, () -> edit.add("functions", "b", BODY));

    assertEquals(
        "m.yaml has 'b' under 'functions' already; choose another name", refused.getMessage());
  }
}

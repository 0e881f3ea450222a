package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/millrace} as a person runs it, on JDKs that only print how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

  private static final Path SCRIPTS = Path.of("src/main/dist/bin");

  @TempDir private Path temp;

  private Path home;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void unpackTheDistribution() throws IOException {
    // Links in the name of the temporary directory would hide what the script itself resolves.
    temp = temp.toRealPath();
    home = Files.createDirectories(temp.resolve("some where/millrace"));
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.copy(SCRIPTS.resolve("millrace"), home.resolve("bin/millrace"));
    Files.copy(SCRIPTS.resolve("millrace-aot"), home.resolve("bin/millrace-aot"));
    Files.writeString(home.resolve("lib/millrace-worker.jar"), "the worker");
    environment.put("MILLRACE_JDK_DIRS", temp.resolve("installed").toString());
  }

  @Test
  void takesTheJdkOfJavaHome() throws Exception {
    environment.put("JAVA_HOME", jdk("mine", "21.0.4").toString());
    jdk("installed/newer", "25.0.1");

    assertEquals("mine", run("version").jdk());
  }

  @Test
  void passesOverAnOldJavaHomeAndAnOldJavaOnThePath() throws Exception {
    environment.put("JAVA_HOME", jdk("old", "17.0.15").toString());
    environment.put("PATH", jdk("older", "1.8.0_412") + "/bin:" + System.getenv("PATH"));
    jdk("installed/a-21", "21.0.4");
    jdk("installed/b-25", "25.0.1");
    jdk("installed/c-17", "17.0.15");

    assertEquals("b-25", run("version").jdk());
  }

  @Test
  void takesTheJavaOnThePathThroughItsLinks() throws Exception {
    Path bin = Files.createDirectories(temp.resolve("path"));
    Path alternatives = Files.createDirectories(temp.resolve("alternatives"));
    Files.createSymbolicLink(
        alternatives.resolve("java"), jdk("behind-links", "24.0.2").resolve("bin/java"));
    Files.createSymbolicLink(bin.resolve("java"), Path.of("../alternatives/java"));
    environment.put("PATH", bin + ":" + System.getenv("PATH"));

    assertEquals("behind-links", run("version").jdk());
  }

  @Test
  void asksAJdkWithoutAReleaseFileForItsVersion() throws Exception {
    Path jdk = jdk("bare", "23.0.1");
    Files.delete(jdk.resolve("release"));
    environment.put("JAVA_HOME", jdk.toString());

    assertEquals("bare", run("version").jdk());
  }

  @Test
  void usesMillraceJavaHomeAndNoOther() throws Exception {
    environment.put("JAVA_HOME", jdk("fitting", "25.0.1").toString());
    environment.put("MILLRACE_JAVA_HOME", jdk("wanted", "22.0.1").toString());
    assertEquals("wanted", run("version").jdk());

    environment.put("MILLRACE_JAVA_HOME", jdk("wrong", "17.0.15").toString());
    Run refused = run("version");

    assertEquals(2, refused.exitCode());
    assertEquals(
        "millrace: MILLRACE_JAVA_HOME="
            + temp.resolve("wrong")
            + " holds no Java 21 or newer; correct it, or unset it to have one found\n",
        refused.output());
  }

  @Test
  void saysInOneLineThatNothingFits() throws Exception {
    environment.put("JAVA_HOME", jdk("old", "17.0.15").toString());
    environment.put("PATH", pathWithoutJava());

    Run refused = run("version");

    assertEquals(2, refused.exitCode());
    assertEquals(
        "millrace: no Java 21 or newer found (only Java 17 in "
            + temp.resolve("old")
            + "); install one, or name it in MILLRACE_JAVA_HOME\n",
        refused.output());
  }

  @Test
  void findsItsJarsBehindLinksAndInDirectoriesWithSpaces() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "25.0.1").toString());
    Path link = temp.resolve("millrace");
    Files.createSymbolicLink(link, Path.of("some where/millrace/bin/millrace"));

    Run run = run(link, "lint", "a b", "*");

    assertTrue(run.arguments().contains(home.resolve("lib/millrace-worker.jar").toString()));
    assertTrue(run.arguments().contains("-Dmillrace.home=" + home));
    int main = run.arguments().indexOf("dev.millrace.worker.cli.Main");
    assertEquals(
        List.of("lint", "a b", "*"), run.arguments().subList(main + 1, run.arguments().size()));
  }

  @Test
  void tellsAWorkersCompilerToWaitSomewhatLonger() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "25.0.1").toString());
    String threshold = "-XX:Tier4InvocationThreshold=50000";

    assertTrue(run("up").arguments().contains(threshold));
    assertFalse(run("lint").arguments().contains(threshold), "it never gets that far");
  }

  @Test
  void choosesTheCollectorByTheCommandUnlessToldOtherwise() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "25.0.1").toString());

    List<String> worker = run("up").arguments();
    assertTrue(worker.contains("-XX:+UseG1GC"));
    assertTrue(worker.contains("-XX:G1PeriodicGCInterval=300000"), "an idle worker collects, too");
    assertTrue(worker.contains("-XX:G1ConcRefinementThreads=0"), "no work right after a pause");
    assertTrue(run("lint").arguments().contains("-XX:+UseSerialGC"));

    environment.put("MILLRACE_JAVA_OPTS", "-XX:+UseZGC -Xmx1g");
    List<String> told = run("up").arguments();
    assertFalse(told.contains("-XX:+UseG1GC"));
    assertTrue(told.containsAll(List.of("-XX:+UseZGC", "-Xmx1g")));
  }

  @Test
  void letsHugeMethodsOfGuestsBeCompiledUnlessToldOtherwise() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "25.0.1").toString());
    environment.put("MILLRACE_JAVA_OPTS", "-XX:+DontCompileHugeMethods");

    List<String> arguments = run("up").arguments();

    int ours = arguments.indexOf("-XX:-DontCompileHugeMethods");
    assertTrue(ours >= 0, arguments::toString);
    assertTrue(ours < arguments.indexOf("-XX:+DontCompileHugeMethods"), arguments::toString);
  }

  @Test
  void leavesCarrierThreadsBesideEveryCore() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "25.0.1").toString());

    String option = "-Djdk.virtualThreadScheduler.parallelism=";
    int parallelism =
        run("up").arguments().stream()
            .filter(argument -> argument.startsWith(option))
            .mapToInt(argument -> Integer.parseInt(argument.substring(option.length())))
            .findFirst()
            .orElse(0);

    assertTrue(parallelism >= Runtime.getRuntime().availableProcessors() + 2, "" + parallelism);
  }

  @Test
  void usesAStartUpCacheForExactlyWhatItWasMadeOf() throws Exception {
    Path jdk = jdk("jdk", "25.0.1");
    environment.put("JAVA_HOME", jdk.toString());
    String use = "-XX:AOTCache=" + home.resolve("lib/millrace.aot");

    String release = Files.readString(jdk.resolve("release"));
    String recorded = "-XX:AOTCacheOutput=" + home.resolve("lib/millrace.aot");
    Run recording = run(home.resolve("bin/millrace-aot"), "lint", "x");
    Files.writeString(home.resolve("lib/millrace.aot"), "written by the JVM at its exit");
    String useLibrary =
        "-Dorg.sqlite.lib.path=" + Files.createDirectories(home.resolve("lib/native"));
    String withoutProfiles = "-XX:-AOTReplayTraining";
    boolean usedWhenFresh =
        run("version")
            .arguments()
            .containsAll(List.of(use, useLibrary, withoutProfiles, "-Xlog:aot*=off,cds*=off"));
    Files.writeString(home.resolve("lib/millrace-worker.jar"), "a newer worker");
    List<String> withANewerJar = run("version").arguments();
    boolean usedWithANewerJar = withANewerJar.contains(use) || withANewerJar.contains(useLibrary);
    Files.writeString(home.resolve("lib/millrace-worker.jar"), "the worker");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\nIMPLEMENTOR=\"Another\"\n");
    boolean usedByAnotherJdk = run("version").arguments().contains(use);
    Files.writeString(jdk.resolve("release"), release);
    home = Files.move(home, temp.resolve("moved"));
    boolean usedElsewhere = run("version").output().contains("AOTCache");

    assertAll(
        () -> assertTrue(recording.arguments().contains(recorded)),
        () -> assertTrue(recording.arguments().containsAll(List.of("lint", "x"))),
        () -> assertTrue(recording.arguments().contains("-XX:-AOTRecordTraining")),
        () -> assertTrue(usedWhenFresh),
        () -> assertFalse(usedWithANewerJar),
        () -> assertFalse(usedByAnotherJdk),
        () -> assertFalse(usedElsewhere));
  }

  @Test
  void givesNoOtherJdkTheOptionsThatOnlyOneIsKnownToHave() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "26.0.1").toString());

    run(home.resolve("bin/millrace-aot"), "lint", "x");
    Files.writeString(home.resolve("lib/millrace.aot"), "written by the JVM at its exit");
    List<String> arguments = run("version").arguments();

    assertTrue(arguments.contains("-XX:AOTCache=" + home.resolve("lib/millrace.aot")));
    assertFalse(arguments.contains("-XX:-AOTReplayTraining"), arguments::toString);
  }

  @Test
  void rehearsesWhenNoCommandIsGivenAndForgetsTheOldCacheFirst() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "25.0.1").toString());
    Path cache = home.resolve("lib/millrace.aot");
    Files.writeString(cache, "of another build");

    Run rehearsal = run(home.resolve("bin/millrace-aot"));

    assertEquals("rehearse", rehearsal.arguments().getLast());
    assertFalse(rehearsal.output().contains("AOTCacheOutput"), rehearsal.output());
    assertFalse(Files.exists(cache));
  }

  @Test
  void recordsAClassDataArchiveWhereTheJdkHasNoAotCache() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk", "21.0.4").toString());

    run(home.resolve("bin/millrace-aot"), "version");
    Files.writeString(home.resolve("lib/millrace.jsa"), "written by the JVM at its exit");

    assertTrue(
        run("version")
            .arguments()
            .contains("-XX:SharedArchiveFile=" + home.resolve("lib/millrace.jsa")));
  }

  @Test
  void becomesTheJvmSoThatSignalsAndExitCodesAreItsOwn() throws Exception {
    Path jdk = jdk("jdk", "25.0.1");
    executable(jdk.resolve("bin/java"), "echo \"pid $$\"; exit 7");
    environment.put("JAVA_HOME", jdk.toString());

    Process process = start(home.resolve("bin/millrace"), "up");
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();

    assertEquals(7, exitCode);
    assertEquals("pid " + process.pid() + "\n", output);
  }

  /** How a launch went: the exit code and what was printed, to either stream. */
  private record Run(int exitCode, String output) {

    /** The name of the JDK that was called. */
    String jdk() {
      return output.lines().findFirst().orElse("").replace("jdk ", "");
    }

    List<String> arguments() {
      return output.lines().skip(1).toList();
    }
  }

  private Run run(String... arguments) throws Exception {
    return run(home.resolve("bin/millrace"), arguments);
  }

  private Run run(Path script, String... arguments) throws Exception {
    Process process = start(script, arguments);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
    return new Run(process.exitValue(), output);
  }

  private Process start(Path script, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(script.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.matches("JAVA_HOME|MILLRACE_.*"));
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).start();
  }

  /** A JDK that prints its name and its arguments, one a line, below the temporary directory. */
  private Path jdk(String name, String version) throws IOException {
    Path jdk = temp.resolve(name);
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    executable(
        jdk.resolve("bin/java"),
        """
        if [ "$1" = -version ]; then
          echo 'openjdk version "%s" 2026-01-01' >&2
          exit
        fi
        echo 'jdk %s'
        printf '%%s\\n' "$@"
        """
            .formatted(version, jdk.getFileName()));
    return jdk;
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + script);
    assertTrue(file.toFile().setExecutable(true));
  }

  /** The commands the script needs, without any java among them. */
  private String pathWithoutJava() throws IOException {
    Path bin = Files.createDirectories(temp.resolve("tools"));
    for (String tool : List.of("sh", "readlink", "dirname", "sed", "head", "cat", "getconf")) {
      Path found =
          Stream.of(System.getenv("PATH").split(":"))
              .map(directory -> Path.of(directory, tool))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow();
      executable(bin.resolve(tool), "exec " + found + " \"$@\"");
    }
    return bin.toString();
  }
}

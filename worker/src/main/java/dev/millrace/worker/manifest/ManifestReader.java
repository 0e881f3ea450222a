package dev.millrace.worker.manifest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a manifest, and finds all that is wrong with it in one go. Immutable; safe for any thread.
 * Reading blocks on the file system.
 */
public final class ManifestReader {

  /** The name of a manifest in a directory. */
  public static final String FILE_NAME = "millrace.yaml";

  private static final long MAX_BYTES = 1 << 20;

  private final Map<String, String> environment;
  private final ModuleCheck modules;
  private final StorePlace disk;
  private final InstantSource clock;
  private final boolean testFiles;

  /**
   * @param environment where variables and secrets come from
   * @param modules looks into the functions' modules
   * @param disk looks at the disk under the store
   * @param clock tells whether a schedule still has a time to come
   */
  public ManifestReader(
      Map<String, String> environment, ModuleCheck modules, StorePlace disk, InstantSource clock) {
    this(environment, modules, disk, clock, false);
  }

  private ManifestReader(
      Map<String, String> environment,
      ModuleCheck modules,
      StorePlace disk,
      InstantSource clock,
      boolean testFiles) {
    this.environment = Map.copyOf(environment);
    this.modules = modules;
    this.disk = disk;
    this.clock = clock;
    this.testFiles = testFiles;
  }

  /** A reader that does not look into modules, and knows this machine's disks. */
  public static ManifestReader of(Map<String, String> environment) {
    return new ManifestReader(
        environment, ModuleCheck.NONE, LinuxStorePlace.ofThisProcess(), InstantSource.system());
  }

  /** The same reader with another look into modules. */
  public ManifestReader withModuleCheck(ModuleCheck check) {
    return new ManifestReader(environment, check, disk, clock, testFiles);
  }

  /** The same reader, which also reads the files of tests: {@code tests/*.yaml} beside it. */
  public ManifestReader withTestFiles() {
    return new ManifestReader(environment, modules, disk, clock, true);
  }

  /**
   * Reads a manifest.
   *
   * @param file the file, or a directory with a {@value #FILE_NAME} in it
   */
  public ManifestResult read(Path file) {
    Path manifest = Files.isDirectory(file) ? file.resolve(FILE_NAME) : file;
    SourceText nothing = SourceText.of(manifest.toString(), "");
    Problems unreadable = new Problems(nothing);
    Optional<String> text = load(manifest, unreadable);
    if (text.isEmpty()) {
      return new ManifestResult.Invalid(unreadable.sorted());
    }
    return read(manifest, new Problems(SourceText.of(manifest.toString(), text.get())));
  }

  /**
   * Reads a manifest that is not written yet.
   *
   * @param file where it is to be
   * @param text its content
   */
  public ManifestResult read(Path file, String text) {
    return read(file, new Problems(SourceText.of(file.toString(), unmarked(text))));
  }

  private ManifestResult read(Path file, Problems problems) {
    Optional<Node> written = YamlReader.read(problems);
    if (written.isEmpty()) {
      return new ManifestResult.Invalid(problems.sorted());
    }
    if (!(written.get() instanceof Node.Mapping)) {
      problems.add(
          Rule.SYNTAX,
          written.get().position(),
          "a manifest is a map, not " + written.get().phrase() + "; begin it with 'millrace: 1'");
      return new ManifestResult.Invalid(problems.sorted());
    }
    Shape shape = Shape.root(ManifestSchema.json());
    Node expanded = new Variables(environment, problems).expand(written.get());
    Node root = new Alignment(problems).align(expanded, shape, Place.ROOT);
    new SchemaCheck(problems).check(root);
    List<TestFile> tests = testFiles ? testFiles(file, shape) : List.of();
    Manifest manifest =
        new ManifestBinder(
                file.toAbsolutePath().normalize(), environment, modules, disk, clock.instant())
            .bind(
                Section.root(root, shape, problems),
                tests.stream().flatMap(each -> each.root().stream()).toList(),
                problems);
    List<Problem> all = new ArrayList<>(problems.sorted());
    tests.forEach(each -> all.addAll(each.problems().sorted()));
    return all.stream().anyMatch(problem -> problem.severity() == Severity.ERROR)
        ? new ManifestResult.Invalid(all)
        : new ManifestResult.Loaded(manifest, all);
  }

  private List<TestFile> testFiles(Path manifest, Shape shape) {
    List<TestFile> files = new ArrayList<>();
    for (Path file : TestFile.beside(manifest)) {
      Problems unreadable = new Problems(SourceText.of(file.toString(), ""));
      files.add(
          load(file, unreadable)
              .map(text -> new Problems(SourceText.of(file.toString(), text)))
              .map(problems -> TestFile.read(problems, environment, shape))
              .orElseGet(() -> new TestFile(unreadable, Optional.empty())));
    }
    return files;
  }

  /** The file's text; empty if it cannot be had, which is then among the problems. */
  private static Optional<String> load(Path file, Problems problems) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        problems.add(
            Rule.UNREADABLE,
            Position.START,
            "the file has " + Files.size(file) + " bytes; a manifest has at most " + MAX_BYTES);
        return Optional.empty();
      }
      return decode(Files.readAllBytes(file), problems);
    } catch (IOException e) {
      problems.add(
          Rule.UNREADABLE,
          Position.START,
          "the manifest cannot be read: "
              + Paths.reason(e)
              + "; name a manifest, or a directory with a "
              + FILE_NAME);
      return Optional.empty();
    }
  }

  private static Optional<String> decode(byte[] bytes, Problems problems) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    String text = out.flip().toString();
    if (result.isError()) {
      SourceText before = SourceText.of("", text);
      problems.add(
          Rule.UNREADABLE,
          before.position(text.codePointCount(0, text.length())),
          "byte " + in.position() + " is not UTF-8; a manifest is UTF-8 text");
      return Optional.empty();
    }
    return Optional.of(unmarked(text));
  }

  /** The text without the mark that some editors put before it. */
  static String unmarked(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }
}

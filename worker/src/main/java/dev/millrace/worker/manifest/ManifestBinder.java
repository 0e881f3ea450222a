package dev.millrace.worker.manifest;

import dev.millrace.worker.dispatch.FunctionPolicy;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * File → records, and every problem that takes more than one place of the file to see. What cannot
 * be read is left out after it has been reported, so the records are whole only without errors.
 */
final class ManifestBinder {

  private static final Pattern LISTEN = Pattern.compile("(\\[[^\\]]+\\]|[^:\\s]+):([0-9]{1,5})");

  private final Path file;
  private final Path directory;
  private final Map<String, String> environment;
  private final ModuleCheck modules;
  private final StorePlace disk;
  private final Instant now;

  ManifestBinder(
      Path file,
      Map<String, String> environment,
      ModuleCheck modules,
      StorePlace disk,
      Instant now) {
    this.file = file;
    this.directory = file.getParent() == null ? file : file.getParent();
    this.environment = environment;
    this.modules = modules;
    this.disk = disk;
    this.now = now;
  }

  Manifest bind(Section root, List<Section> testFiles, Problems problems) {
    Secrets secrets = Secrets.read(root, environment, directory);
    Manifest.App app = app(root.section("app"));
    Manifest.Store store = new StoreReader(directory, secrets, disk).read(root.section("store"));
    Manifest.Admin admin = admin(root.section("admin"));

    ConnectionReader connectionReader = new ConnectionReader(directory, secrets);
    Names<Connection> connections = new Names<>(Rule.UNKNOWN_CONNECTION, "connection");
    Map<String, Connection> connectionMap = new LinkedHashMap<>();
    for (Section section : root.section("connections").named()) {
      Optional<Connection> connection = connectionReader.read(section);
      connections.declare(section.name(), connection);
      connection.ifPresent(value -> connectionMap.put(section.name(), value));
    }

    Destinations destinations = new Destinations(connections);
    Map<String, KeyValueSpec> keyValues =
        new KeyValueReader(app.name(), connections).read(root.section("kv"));
    Names<KeyValueSpec> stores = new Names<>(Rule.UNKNOWN_STORE, "key-value store", "kv");
    keyValues.forEach((name, spec) -> stores.declare(name, Optional.of(spec)));
    GrantReader grants = new GrantReader(destinations, stores, new FileGrantReader(directory));
    FunctionReader functionReader =
        new FunctionReader(directory, secrets, grants, modules.beside(store.path()));
    Names<FunctionSpec> functions = new Names<>(Rule.UNKNOWN_FUNCTION, "function");
    Map<String, FunctionSpec> functionMap = new LinkedHashMap<>();
    Map<String, FunctionPolicy> functionPolicies = new LinkedHashMap<>();
    BuildReader buildReader = new BuildReader(directory);
    Map<String, BuildSpec> builds = new LinkedHashMap<>();
    for (Section section : root.section("functions").named()) {
      Optional<FunctionSpec> function = functionReader.read(section);
      functions.declare(section.name(), function);
      function.ifPresent(value -> functionMap.put(section.name(), value));
      functionPolicies.put(section.name(), FunctionPolicyReader.read(section));
      buildReader.read(section).ifPresent(build -> builds.put(section.name(), build));
    }

    RedisSourceReader redis = new RedisSourceReader(app, store, new ReplicaName(environment));
    SourceReader sources = new SourceReader(app, redis, connections, connectionReader, now);
    TriggerReader triggerReader = new TriggerReader(sources, connections, destinations, functions);
    List<TriggerSpec> triggers = new ArrayList<>();
    for (Section section : root.section("triggers").named()) {
      triggerReader.read(section).ifPresent(triggers::add);
    }
    GroupCheck.check(triggers, connections, root.section("triggers"));
    List<FeedSpec> feeds = new ArrayList<>();
    FeedReader feedReader = new FeedReader(destinations);
    for (Section section : root.section("dev").items("events")) {
      feedReader.read(section).ifPresent(feeds::add);
    }
    Set<String> triggered = functions.used();

    List<TestSpec> tests = new ArrayList<>();
    TestReader testReader = new TestReader(root.file(), destinations, functions, stores);
    List<Section> testSections = new ArrayList<>(root.items("tests"));
    testFiles.forEach(file -> testSections.addAll(file.items("tests")));
    for (Section section : testSections) {
      testReader.read(section).ifPresent(tests::add);
    }
    if (!problems.hasErrors()) {
      unused(root.section("functions"), triggered, Rule.UNUSED_FUNCTION, "no trigger runs it");
      unused(
          root.section("connections"),
          connections.used(),
          Rule.UNUSED_CONNECTION,
          "nothing names it");
    }
    Map<String, TriggerSpec> triggerMap = new LinkedHashMap<>();
    triggers.forEach(trigger -> triggerMap.put(trigger.name(), trigger));
    return new Manifest(
        file,
        app,
        store,
        admin,
        connectionMap,
        keyValues,
        functionMap,
        functionPolicies,
        builds,
        triggerMap,
        tests,
        new Manifest.Dev(feeds));
  }

  /** Concludes from what nobody named; with an error in the file that would be guessing. */
  private static void unused(Section section, Set<String> used, Rule rule, String why) {
    for (Section named : section.named()) {
      if (!used.contains(named.name())) {
        named.report(rule, named.position(), why + "; remove it, or use it");
      }
    }
  }

  private Manifest.App app(Section app) {
    Path fileName = directory.getFileName();
    String directoryName = fileName == null ? "" : fileName.toString();
    String fallback = directoryName.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9_.-]", "");
    return new Manifest.App(
        app.text("name").orElse(fallback.isEmpty() ? "millrace" : fallback),
        Zones.read(app, "timezone").orElse(ZoneOffset.UTC));
  }

  private static Manifest.Admin admin(Section admin) {
    Matcher listen = LISTEN.matcher(admin.textOrDefault("listen"));
    if (listen.matches() && ConnectionReader.isPort(listen.group(2))) {
      return new Manifest.Admin(
          listen.group(1).replaceAll("[\\[\\]]", ""),
          Integer.parseInt(listen.group(2)),
          admin.flag("enabled"));
    }
    admin.reportKey(
        Rule.BAD_ADDRESS,
        "listen",
        "is '"
            + admin.textOrDefault("listen")
            + "'; write an address and a port, such as 127.0.0.1:8280");
    return new Manifest.Admin("127.0.0.1", 0, false);
  }
}

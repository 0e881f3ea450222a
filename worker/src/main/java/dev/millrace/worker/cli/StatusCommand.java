package dev.millrace.worker.cli;

import dev.millrace.worker.admin.ListenAddress;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace status}: what a running worker is doing. */
@Command(
    name = "status",
    description = {
      "Asks a running worker's admin server what it is doing: for each trigger its state and whether"
          + " every event is accounted for, for each function what runs, and the store.",
      "Exit code 4 when no worker answers."
    })
final class StatusCommand implements Callable<Integer> {

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final List<String> TRIGGER_COLUMNS =
      List.of(
          "name",
          "state",
          "received",
          "succeeded",
          "dead_lettered",
          "dropped",
          "released",
          "pending",
          "account",
          "room",
          "waiting",
          "parked",
          "lag",
          "detail");
  private static final List<String> FUNCTION_COLUMNS =
      List.of("name", "version", "concurrency", "running", "ready");
  private static final List<String> PROGRESS_COLUMNS =
      List.of("function", "event", "attempt", "percent", "since", "message");
  private static final List<String> STORE_COLUMNS =
      List.of("queued_writes", "dead_letters", "quarantined", "parked", "replays", "trouble");

  @Spec private CommandSpec spec;

  @Mixin private Output output = new Output();

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description =
          "The manifest whose worker is meant, or a directory with a millrace.yaml. Default:"
              + " ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where the worker's admin server listens, if not where the manifest says.")
  private @Nullable String listen;

  @Option(names = "--watch", description = "Ask again every 2 s, until a signal ends it.")
  private boolean watch;

  @Override
  public Integer call() throws InterruptedException {
    ListenAddress address = address();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build()) {
      if (!watch) {
        print(ask(client, address));
        return ExitCodes.DONE;
      }
      while (true) {
        try {
          print(ask(client, address));
        } catch (CommandException e) {
          spec.commandLine().getErr().println(e.getMessage());
        }
        Thread.sleep(EVERY);
      }
    }
  }

  private ListenAddress address() {
    if (listen != null) {
      try {
        return ListenAddress.parse(listen);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--listen: " + e.getMessage(), e);
      }
    }
    Manifest.Admin admin =
        switch (ManifestReader.of(System.getenv()).read(manifest)) {
          case ManifestResult.Loaded loaded -> loaded.manifest().admin();
          case ManifestResult.Invalid invalid ->
              throw new CommandException(
                  ExitCodes.MANIFEST_INVALID, ManifestLoader.render(invalid.problems()));
        };
    if (!admin.enabled() || admin.port() == 0) {
      throw new CommandException(
          ExitCodes.UNREACHABLE,
          "the manifest gives its admin server no address; start the worker with --listen HOST:PORT"
              + " and name the same here");
    }
    return new ListenAddress(admin.host(), admin.port());
  }

  private static JsonNode ask(HttpClient client, ListenAddress address) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + reachable(address) + "/status"))
            .timeout(ANSWER_LIMIT)
            .build();
    try {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      JsonNode json = JSON.readTree(answer.body());
      if (answer.statusCode() != 200 || !json.path("triggers").isArray()) {
        throw new CommandException(
            ExitCodes.UNREACHABLE,
            "what answers at " + address + " is no worker of this version of Millrace");
      }
      return json;
    } catch (IOException | JacksonException e) {
      throw new CommandException(
          ExitCodes.UNREACHABLE,
          "no worker answers at " + address + " (" + reason(e) + "); is it running?");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCodes.UNREACHABLE, "interrupted");
    }
  }

  /** A worker that listens on every address is on this one. */
  private static ListenAddress reachable(ListenAddress address) {
    return switch (address.host()) {
      case "0.0.0.0", "*" -> new ListenAddress("127.0.0.1", address.port());
      case "::", "::0" -> new ListenAddress("::1", address.port());
      default -> address;
    };
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void print(JsonNode status) {
    Map<String, Object> json = JSON.convertValue(status, new TypeReference<>() {});
    output.document(text(status).stripTrailing(), json);
  }

  private static String text(JsonNode status) {
    StringBuilder text = new StringBuilder();
    text.append("worker ")
        .append(status.path("app").asString(""))
        .append(status.path("draining").asBoolean(false) ? ", draining" : "")
        .append(", Millrace ")
        .append(status.path("millrace").asString(""))
        .append(" at ")
        .append(status.path("at").asString(""))
        .append("\n\n");
    text.append(TextTable.render(TRIGGER_COLUMNS, rows(status.path("triggers"), true)));
    text.append('\n');
    text.append(TextTable.render(FUNCTION_COLUMNS, rows(status.path("functions"), false)));
    text.append('\n');
    List<Map<String, Object>> progress = progress(status.path("functions"));
    if (!progress.isEmpty()) {
      text.append(TextTable.render(PROGRESS_COLUMNS, progress)).append('\n');
    }
    JsonNode store = status.path("store");
    Map<String, Object> row = row(store);
    text.append(TextTable.render(STORE_COLUMNS, List.of(row)));
    return text.toString();
  }

  /** What running invocations say of themselves. */
  private static List<Map<String, Object>> progress(JsonNode functions) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (JsonNode function : functions) {
      for (JsonNode each : function.path("progress")) {
        Map<String, Object> row = row(each);
        row.put("function", function.path("name").asString(""));
        rows.add(row);
      }
    }
    return rows;
  }

  private static List<Map<String, Object>> rows(JsonNode list, boolean triggers) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (JsonNode each : list) {
      Map<String, Object> row = row(each);
      if (triggers) {
        row.putAll(row(each.path("account")));
        row.put("account", each.path("account").path("holds").asBoolean() ? "holds" : "BROKEN");
        row.put("dropped", dropped(each.path("account").path("dropped")));
        if (each.path("holding").asBoolean()) {
          row.put("state", row.get("state") + ", holding");
        }
      } else {
        String version = each.path("version").asString("");
        row.put("name", each.path("name").asString(""));
        row.put("version", version.substring(0, Math.min(12, version.length())));
      }
      rows.add(row);
    }
    return rows;
  }

  private static Map<String, Object> row(JsonNode json) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      if (property.getValue().isValueNode() && !property.getValue().isNull()) {
        row.put(property.getKey(), property.getValue().asString());
      }
    }
    return row;
  }

  private static String dropped(JsonNode byReason) {
    List<String> parts = new ArrayList<>();
    byReason
        .properties()
        .forEach(each -> parts.add(each.getValue().asLong() + " " + each.getKey()));
    return parts.isEmpty() ? "0" : String.join(", ", parts);
  }
}

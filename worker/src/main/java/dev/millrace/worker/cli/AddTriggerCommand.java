package dev.millrace.worker.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace add trigger}. */
@Command(
    name = "trigger",
    description = {
      "Adds a trigger to a manifest.",
      "A manifest without a connection of its kind gets one, to this machine."
    })
final class AddTriggerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "What the manifest calls the trigger.")
  private String name = "";

  @Option(
      names = "--function",
      required = true,
      paramLabel = "FUNCTION",
      description = "The function that it runs.")
  private String function = "";

  @Option(
      names = "--connection",
      paramLabel = "CONNECTION",
      description = "The connection. Default: the only one of the source's kind.")
  private @Nullable String connection;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Reading reading = new Reading();

  @Mixin private EditedManifest manifest = new EditedManifest();

  /** What the trigger reads. */
  @CommandLineOnly
  static final class Reading {
    @Option(names = "--kafka", paramLabel = "TOPIC", description = "Records of a Kafka topic.")
    private @Nullable String topic;

    @Option(names = "--redis", paramLabel = "CHANNEL", description = "Messages of a Redis channel.")
    private @Nullable String channel;

    @Option(names = "--streams", paramLabel = "KEY", description = "Entries of a Redis stream.")
    private @Nullable String stream;

    @Option(names = "--list", paramLabel = "KEY", description = "Elements of a Redis list.")
    private @Nullable String list;

    @Option(names = "--cron", paramLabel = "SCHEDULE", description = "A schedule.")
    private @Nullable String schedule;
  }

  @Override
  public Integer call() throws IOException {
    GuestFiles.name(name, "trigger");
    manifest.read();
    String source = source();
    manifest.add("triggers", name, source + "\nfunction: " + PlainText.yaml(function) + "\n");
    manifest.check();
    manifest.write();
    if (!manifest.dryRun()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println("added trigger '" + name + "' to " + manifest.file());
      out.flush();
    }
    return ExitCodes.DONE;
  }

  private String source() {
    if (reading.topic != null) {
      return "kafka: { connection: "
          + connection("kafka", "events", "bootstrap: \"${KAFKA:-localhost:9092}\"")
          + ", topics: ["
          + PlainText.yaml(reading.topic)
          + "] }";
    }
    if (reading.channel != null) {
      return redis("channels: [" + PlainText.yaml(reading.channel) + "]");
    }
    if (reading.stream != null) {
      return redis("stream: " + PlainText.yaml(reading.stream));
    }
    if (reading.list != null) {
      return redis("list: " + PlainText.yaml(reading.list));
    }
    if (connection != null) {
      throw new CommandException(
          ExitCodes.USAGE, "a schedule needs no connection; leave --connection out");
    }
    return "cron: { schedule: " + PlainText.yaml(String.valueOf(reading.schedule)) + " }";
  }

  private String redis(String what) {
    return "redis: { connection: "
        + connection("redis", "cache", "url: \"${REDIS:-redis://localhost:6379}\"")
        + ", "
        + what
        + " }";
  }

  /** The connection's name; one that is the first of its kind is added. */
  private String connection(String kind, String usual, String address) {
    List<String> there = manifest.named("connections", kind);
    if (there.isEmpty()) {
      String first = GuestFiles.name(connection == null ? usual : connection, "connection");
      manifest.add("connections", first, kind + ": { " + address + " }\n");
      return PlainText.yaml(first);
    }
    if (connection != null) {
      return PlainText.yaml(connection);
    }
    if (there.size() > 1) {
      throw new CommandException(
          ExitCodes.USAGE,
          "there are several connections to "
              + kind
              + "; choose one with --connection: "
              + String.join(", ", there));
    }
    return PlainText.yaml(there.getFirst());
  }
}

package dev.millrace.worker.manifest;

import dev.millrace.triggers.kafka.KafkaConnection;
import dev.millrace.triggers.kafka.OwnedProperties;
import dev.millrace.triggers.redis.RedisConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code connections}, and the {@code properties} of Kafka's clients wherever they stand. */
final class ConnectionReader {

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("\\s*(\\[[0-9A-Fa-f:.%]+\\]|[^\\s:,\\[\\]/]+):([0-9]{1,5})\\s*");

  private final Path directory;
  private final Secrets secrets;

  ConnectionReader(Path directory, Secrets secrets) {
    this.directory = directory;
    this.secrets = secrets;
  }

  Optional<Connection> read(Section section) {
    Optional<Section> kafka = section.ifMap("kafka");
    Optional<Section> redis = section.ifMap("redis");
    return kafka.isPresent() ? kafka.flatMap(this::kafka) : redis.flatMap(this::redis);
  }

  private Optional<Connection> kafka(Section kafka) {
    Map<String, String> properties = properties(kafka);
    Optional<Node.Scalar> bootstrap = kafka.scalar("bootstrap");
    if (bootstrap.isEmpty()) {
      return Optional.empty();
    }
    String servers = bootstrap.get().text();
    for (String server : servers.split(",", -1)) {
      Matcher parts = HOST_AND_PORT.matcher(server);
      if (!parts.matches() || !isPort(parts.group(2))) {
        // what a variable brought may be a secret that went astray
        String shown = bootstrap.get().expanded() ? "a part" : "'" + server.strip() + "'";
        kafka.reportKey(
            Rule.BAD_ADDRESS,
            "bootstrap",
            "has " + shown + " that is not host:port, such as localhost:9092");
        return Optional.empty();
      }
    }
    return Optional.of(new Connection.Kafka(new KafkaConnection(servers.strip(), properties)));
  }

  private Optional<Connection> redis(Section redis) {
    Optional<Section> reference = redis.ifMap("url");
    Optional<String> url =
        reference.isPresent() ? secrets.resolve(reference.get()) : redis.text("url");
    if (url.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(url.get());
      if (uri.getPort() <= 65535) {
        return Optional.of(new Connection.Redis(new RedisConnection(uri, authority(redis))));
      }
    } catch (URISyntaxException e) {
      // reported below, without the text: it may hold a password
    } catch (IllegalArgumentException e) {
      redis.report(Rule.BAD_ADDRESS, redis.at("url"), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
    redis.reportKey(
        Rule.BAD_ADDRESS,
        "url",
        "is not a URL; write redis://[[user]:password@]host:port[/db], or rediss:// for TLS, with"
            + " reserved characters percent-encoded");
    return Optional.empty();
  }

  private Optional<Path> authority(Section redis) {
    Optional<Path> file = redis.text("ca").map(ca -> Paths.resolve(directory, ca));
    if (file.isPresent() && !Files.isReadable(file.get())) {
      redis.reportKey(
          Rule.UNREADABLE, "ca", "names '" + file.get() + "', which is not there or not readable");
    }
    return file;
  }

  static boolean isPort(String text) {
    return Integer.parseInt(text) <= 65535;
  }

  /** The texts and resolved secrets under {@code properties}. */
  Map<String, String> properties(Section owner) {
    Map<String, String> properties = new LinkedHashMap<>();
    Section section = owner.section("properties");
    for (String name : section.keys()) {
      Optional<String> refusal = OwnedProperties.refusal(name);
      if (refusal.isPresent()) {
        section.report(Rule.RESERVED_PROPERTY, section.at(name), refusal.get());
        continue;
      }
      value(section, name).ifPresent(value -> properties.put(name, value));
    }
    return properties;
  }

  /** The texts and resolved secrets of a map. */
  Map<String, String> values(Section section) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : section.keys()) {
      value(section, name).ifPresent(value -> values.put(name, value));
    }
    return values;
  }

  private Optional<String> value(Section section, String name) {
    Optional<Section> reference = section.ifMap(name);
    return reference.isPresent()
        ? secrets.resolve(reference.get())
        : section.scalar(name).map(Node.Scalar::text);
  }
}

package dev.millrace.worker.manifest;

import dev.millrace.worker.manifest.Manifest.Store.Durability;
import dev.millrace.worker.store.PostgresAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code store}: a file, or a database that replicas share. */
final class StoreReader {

  /** What only a database has. */
  private static final List<String> OF_A_DATABASE = List.of("password", "schema", "properties");

  private final Path directory;
  private final Secrets secrets;
  private final ConnectionReader values;
  private final StorePlace disk;

  StoreReader(Path directory, Secrets secrets, StorePlace disk) {
    this.directory = directory;
    this.secrets = secrets;
    this.values = new ConnectionReader(directory, secrets);
    this.disk = disk;
  }

  Manifest.Store read(Section store) {
    Durability durability =
        !store.flag("durable")
            ? Durability.NONE
            : store.has("durable") || store.has("url") ? Durability.DECLARED : Durability.ASSUMED;
    for (String key : OF_A_DATABASE) {
      if (store.has(key) && !store.has("url")) {
        store.reportKey(
            Rule.BAD_VALUE, key, "is for a database; name one with 'url', or remove it");
      }
    }
    String text = store.textOrDefault("path");
    try {
      Path path = Paths.resolve(directory, text);
      if (durability != Durability.NONE && !store.has("url")) {
        disk.risk(path)
            .ifPresent(
                risk ->
                    store.report(
                        Rule.EPHEMERAL_STORE,
                        store.at("path"),
                        "the store "
                            + path
                            + " "
                            + risk
                            + "; with it go dead letters, waiting pub/sub messages and cron's fire"
                            + " times. Put it on a disk that stays, or say store.durable: false"));
      }
      return new Manifest.Store(path, durability, address(store));
    } catch (InvalidPathException e) {
      store.reportKey(
          Rule.BAD_VALUE, "path", "is '" + text + "', which is no path: " + e.getReason());
      return new Manifest.Store(directory, durability, Optional.empty());
    }
  }

  private Optional<PostgresAddress> address(Section store) {
    Map<String, String> properties = values.values(store.section("properties"));
    Optional<String> password = text(store, "password");
    Optional<String> url = text(store, "url");
    String key = "url";
    try {
      if (url.isEmpty()) {
        return Optional.empty();
      }
      PostgresAddress address = PostgresAddress.parse(url.get());
      key = "schema";
      address = address.withSchema(store.textOrDefault("schema"));
      key = "properties";
      address = address.withProperties(properties);
      return Optional.of(password.map(address::withPassword).orElse(address));
    } catch (IllegalArgumentException e) {
      Rule rule =
          switch (key) {
            case "url" -> Rule.BAD_ADDRESS;
            case "schema" -> Rule.BAD_VALUE;
            default -> Rule.RESERVED_PROPERTY;
          };
      store.reportKey(rule, key, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<String> text(Section store, String key) {
    Optional<Section> reference = store.ifMap(key);
    return reference.isPresent() ? secrets.resolve(reference.get()) : store.text(key);
  }
}

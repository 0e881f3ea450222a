package dev.millrace.worker.manifest;

import dev.millrace.abi.Header;
import dev.millrace.triggers.Destination;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Messages that {@code millrace dev} generates.
 *
 * @param to where they go
 * @param every the time between two of them, above zero
 * @param key the key of each, empty for none
 * @param headers the headers of each
 * @param data what they carry, one after the other and from the start again; at least one
 */
public record FeedSpec(
    Destination to,
    Duration every,
    Optional<String> key,
    List<Header> headers,
    List<Payload> data) {

  public FeedSpec {
    headers = List.copyOf(headers);
    data = List.copyOf(data);
  }
}

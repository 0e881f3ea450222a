package dev.millrace.worker.manifest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code dev.events}. */
final class FeedReader {

  private final Destinations destinations;

  FeedReader(Destinations destinations) {
    this.destinations = destinations;
  }

  Optional<FeedSpec> read(Section feed) {
    Duration every = feed.durationOrDefault("every");
    if (every.isZero()) {
      feed.reportKey(
          Rule.IMPOSSIBLE_LIMIT, "every", "is 0; give the time between two messages, such as 1s");
    }
    List<Payload> data = data(feed);
    return destinations
        .read(feed, "to")
        .map(
            to ->
                new FeedSpec(
                    to,
                    every,
                    feed.scalar("key").map(Node.Scalar::text),
                    TestReader.headers(feed),
                    data));
  }

  private static List<Payload> data(Section feed) {
    List<Payload> data = new ArrayList<>();
    feed.node("data").map(Json::payload).ifPresent(data::add);
    if (feed.node("each").orElse(null) instanceof Node.Sequence each) {
      each.items().forEach(item -> data.add(Json.payload(item)));
    }
    if (feed.has("data") == feed.has("each")) {
      feed.report(
          Rule.EXACTLY_ONE_OF,
          feed.position(),
          "must have exactly one of data (for all messages) and each (one after the other)");
    }
    return data;
  }
}

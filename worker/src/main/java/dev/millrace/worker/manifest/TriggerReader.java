package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.triggers.Order;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.manifest.TriggerSpec.DeadLetterTo;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.Optional;

/** Reads {@code triggers}: everything but their sources, which {@link SourceReader} reads. */
final class TriggerReader {

  private final SourceReader sources;
  private final Names<Connection> connections;
  private final Destinations destinations;
  private final Names<FunctionSpec> functions;

  TriggerReader(
      SourceReader sources,
      Names<Connection> connections,
      Destinations destinations,
      Names<FunctionSpec> functions) {
    this.sources = sources;
    this.connections = connections;
    this.destinations = destinations;
    this.functions = functions;
  }

  Optional<TriggerSpec> read(Section section) {
    Optional<FunctionSpec> function = functions.resolve(section, "function");
    Optional<Source> source = sources.read(section, function);
    RetryPolicy retry = RetryReader.read(section.section("retry"), function);
    Bounds bounds = bounds(section);
    Optional<Destination> publish =
        section.ifMap("publish").flatMap(to -> destinations.read(to, "to"));
    DeadLetterTo deadLetter = deadLetter(section);
    if (source.isEmpty()) {
      return Optional.empty();
    }
    TriggerSpec.Keep keep = keep(section, source.get(), deadLetter);
    QueueCheck.timing(section, source.get(), function);
    ExactlyOnceCheck.check(section, source.get(), publish, function);
    LoopCheck loops = new LoopCheck(source.get(), connections);
    publish.ifPresent(to -> loops.check(section.section("publish"), to, "its replies"));
    if (deadLetter instanceof DeadLetterTo.Sink sink) {
      loops.check(section.section("dead_letter"), sink.destination(), "its dead letters");
    }
    return section
        .text("function")
        .map(
            name ->
                new TriggerSpec(
                    section.name(), source.get(), name, retry, bounds, publish, deadLetter, keep));
  }

  private TriggerSpec.Keep keep(Section section, Source source, DeadLetterTo deadLetter) {
    Section retry = section.section("retry");
    boolean parksKeys = retry.textOrDefault("on_exhausted").equals("park_key");
    if (parksKeys && source.order() == Order.NONE) {
      retry.reportKey(
          Rule.PARKED_KEYS,
          "on_exhausted",
          "is 'park_key', but the trigger keeps no order; write order: key or order: partition");
    }
    if (parksKeys && !(deadLetter instanceof DeadLetterTo.Store)) {
      retry.reportKey(
          Rule.PARKED_KEYS,
          "on_exhausted",
          "is 'park_key', but the dead letter that would set the key free does not go to the store;"
              + " leave dead_letter away");
    }
    Section dedupe = section.section("dedupe");
    Optional<Duration> window =
        section.has("dedupe") ? dedupe.duration("window") : Optional.empty();
    if (window.isPresent() && window.get().isZero()) {
      dedupe.reportKey(Rule.IMPOSSIBLE_LIMIT, "window", "is 0, in which nothing is remembered");
    }
    return new TriggerSpec.Keep(
        retry.choiceOrDefault("park", TriggerSpec.Park.class),
        retry.numberOrDefault("max_parked"),
        parksKeys,
        window);
  }

  private static Bounds bounds(Section section) {
    Section bounds = section.section("max_in_flight");
    int events = section.number("max_in_flight").orElse(bounds.numberOrDefault("events"));
    return new Bounds(events, bounds.bytes("bytes", 1, Long.MAX_VALUE));
  }

  private DeadLetterTo deadLetter(Section section) {
    Optional<Section> sink = section.ifMap("dead_letter");
    if (sink.isPresent() && !sink.get().has("to")) {
      return new DeadLetterTo.Store(sink.get().numberOrDefault("quarantine_after"));
    }
    if (sink.isPresent()) {
      if (sink.get().has("quarantine_after")) {
        sink.get()
            .reportKey(
                Rule.IMPOSSIBLE_LIMIT,
                "quarantine_after",
                "counts replays of dead letters in the store, but these go elsewhere; leave out one"
                    + " of the two");
      }
      return destinations
          .read(sink.get(), "to")
          .filter(to -> keeps(sink.get(), to))
          .<DeadLetterTo>map(DeadLetterTo.Sink::new)
          .orElseGet(DeadLetterTo.Store::new);
    }
    return section.textOrDefault("dead_letter").equals("none")
        ? new DeadLetterTo.Drop()
        : new DeadLetterTo.Store();
  }

  private static boolean keeps(Section sink, Destination to) {
    if (to.target().startsWith(Destinations.SHARDED)) {
      sink.report(
          Rule.DEAD_LETTER_CHANNEL,
          sink.at("to"),
          "dead letters go to one stream, not to shards; write "
              + to.connection()
              + "/"
              + Destinations.STREAM
              + "NAME");
      return false;
    }
    if (!to.target().startsWith(Destinations.CHANNEL)) {
      return true;
    }
    String name = to.target().substring(Destinations.CHANNEL.length());
    sink.report(
        Rule.DEAD_LETTER_CHANNEL,
        sink.at("to"),
        "a Redis channel keeps nothing, so dead letters sent to '"
            + to
            + "' would be lost; use the stream "
            + to.connection()
            + "/"
            + Destinations.STREAM
            + name);
    return false;
  }
}

package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.worker.dispatch.Backoff;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.manifest.TriggerSpec.DeadLetterTo;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.FunctionSpec;
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
    Optional<Source> source = sources.read(section);
    Optional<FunctionSpec> function = functions.resolve(section, "function");
    RetryPolicy retry = retry(section.section("retry"), function);
    Bounds bounds = bounds(section);
    Optional<Destination> publish =
        section.ifMap("publish").flatMap(to -> destinations.read(to, "to"));
    DeadLetterTo deadLetter = deadLetter(section);
    if (source.isEmpty()) {
      return Optional.empty();
    }
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
                    section.name(), source.get(), name, retry, bounds, publish, deadLetter));
  }

  private static RetryPolicy retry(Section retry, Optional<FunctionSpec> function) {
    Section backoff = retry.section("backoff");
    Duration initial = backoff.durationOrDefault("initial");
    Duration max = backoff.durationOrDefault("max");
    if (initial.isZero()) {
      backoff.reportKey(
          Rule.IMPOSSIBLE_LIMIT, "initial", "is 0; give a failing function some time");
      initial = Backoff.DEFAULT.initial();
    }
    if (max.compareTo(initial) < 0) {
      String key = backoff.has("max") ? "max" : "initial";
      backoff.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          key,
          "is "
              + backoff.textOrDefault(key)
              + ", but the wait grows from 'initial' "
              + DurationText.format(initial)
              + " up to 'max' "
              + DurationText.format(max)
              + "; make 'max' the longer one");
      max = initial;
    }
    Optional<Duration> maxAge = retry.duration("max_age");
    if (maxAge.isPresent() && maxAge.get().isZero()) {
      retry.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          "max_age",
          "is 0, so that nothing is ever tried again; write max_attempts: 1 for that");
    } else if (maxAge.isPresent() && function.isPresent()) {
      Duration timeout = function.get().limits().timeout();
      if (maxAge.get().compareTo(timeout) < 0) {
        retry.reportKey(
            Rule.IMPOSSIBLE_LIMIT,
            "max_age",
            "is "
                + retry.text("max_age").orElseThrow()
                + ", shorter than limits.timeout of function '"
                + function.get().name()
                + "' ("
                + DurationText.format(timeout)
                + "), so that a timeout is never tried again; raise one or lower the other");
      }
    }
    return new RetryPolicy(
        retry.numberOrDefault("max_attempts"),
        new Backoff(initial, max, backoff.decimalOrDefault("multiplier")),
        maxAge);
  }

  private static Bounds bounds(Section section) {
    Section bounds = section.section("max_in_flight");
    int events = section.number("max_in_flight").orElse(bounds.numberOrDefault("events"));
    return new Bounds(events, bounds.bytes("bytes", 1, Long.MAX_VALUE));
  }

  private DeadLetterTo deadLetter(Section section) {
    Optional<Section> sink = section.ifMap("dead_letter");
    if (sink.isPresent()) {
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

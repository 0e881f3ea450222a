package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.util.Optional;

/** Finds results that cannot be in one transaction with the offsets of the trigger they come of. */
final class ExactlyOnceCheck {

  private ExactlyOnceCheck() {}

  /** Reports a destination, and grants of the function, that lead to another connection. */
  static void check(
      Section trigger,
      Source source,
      Optional<Destination> publish,
      Optional<FunctionSpec> function) {
    if (!(source instanceof Source.Kafka kafka) || !kafka.options().exactlyOnce()) {
      return;
    }
    String own = kafka.connection();
    publish
        .filter(to -> !to.connection().equals(own))
        .ifPresent(
            to ->
                trigger.report(
                    Rule.EXACTLY_ONCE_ELSEWHERE,
                    trigger.section("publish").at("to"),
                    "'" + to + "' " + reason(own)));
    function.ifPresent(
        granted ->
            granted.grants().publishTo().stream()
                .filter(to -> !to.startsWith(own + "/"))
                .sorted()
                .findFirst()
                .ifPresent(
                    to ->
                        trigger.report(
                            Rule.EXACTLY_ONCE_ELSEWHERE,
                            trigger.at("function"),
                            "function '"
                                + granted.name()
                                + "' may publish to '"
                                + to
                                + "', which "
                                + reason(own))));
  }

  private static String reason(String own) {
    return "is not on connection '"
        + own
        + "', so it cannot be in one transaction with what this trigger reads; publish to topics of"
        + " '"
        + own
        + "', or leave 'exactly_once' out";
  }
}

package dev.millrace.worker.manifest;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One event for one function, and what must come of it.
 *
 * @param name unique within the manifest
 * @param line where the test stands in the manifest, from 1
 * @param function a function of the manifest
 * @param event what the function gets
 * @param attempt which attempt the function is told this is, from 1
 * @param expect what must come of it
 */
public record TestSpec(
    String name, int line, String function, DetachedEvent event, int attempt, Expectation expect) {

  /** How the invocation must end. */
  public enum Ending {
    /** The function is done. */
    DONE,
    /** The function asks to be called again. */
    RETRY,
    /** The function will never accept the event. */
    REJECT,
    /** The function fails against its will. */
    FAIL
  }

  /**
   * What must come of an event. What is empty is not looked at.
   *
   * @param ending how the invocation must end
   * @param failure with {@link Ending#FAIL}, what went wrong
   * @param reply a JSON text is equal to the reply's text, any other value to the reply read as
   *     JSON
   * @param publishes exactly these messages, in this order
   * @param log a part of what the function logs
   * @param error a part of the error's text
   */
  public record Expectation(
      Ending ending,
      Optional<FailureKind> failure,
      Optional<JsonNode> reply,
      Optional<List<ExpectedMessage>> publishes,
      Optional<String> log,
      Optional<String> error) {

    public Expectation {
      publishes = publishes.map(List::copyOf);
    }
  }

  /**
   * A message that the function must publish.
   *
   * @param to its destination
   * @param key its key as text; empty if that does not matter
   * @param data compared as a reply is; empty if it does not matter
   */
  public record ExpectedMessage(Destination to, Optional<String> key, Optional<JsonNode> data) {}
}

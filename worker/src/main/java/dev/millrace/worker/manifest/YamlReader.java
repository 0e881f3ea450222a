package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Text → located nodes, from the events of the YAML parser: only there do keys have a position, and
 * aliases stay what they are.
 */
final class YamlReader {

  /** Deeper than any manifest, shallow enough for the stack. */
  private static final int MAX_DEPTH = 64;

  /** More than any manifest has; an alias bomb has more. */
  private static final int MAX_NODES = 100_000;

  private final Problems problems;
  private final Map<String, Node> anchors = new HashMap<>();

  private YamlReader(Problems problems) {
    this.problems = problems;
  }

  /** The one document of the file; empty if it has none, which is then among the problems. */
  static Optional<Node> read(Problems problems) {
    try {
      return Optional.of(new YamlReader(problems).document());
    } catch (Refused refused) {
      problems.add(Rule.SYNTAX, refused.at, refused.text());
    } catch (MarkedYamlEngineException e) {
      Position at = position(e, problems.source());
      @Nullable String context = e.getContext();
      problems.add(
          Rule.SYNTAX,
          at,
          "not valid YAML: "
              + (context == null ? "" : oneLine(context) + ", ")
              + oneLine(e.getProblem()));
    } catch (ReaderException e) {
      problems.add(
          Rule.SYNTAX,
          problems.source().position(e.getPosition()),
          String.format(
              "character U+%04X is not allowed in YAML; is this a text file?", e.getCodePoint()));
    } catch (YamlEngineException e) {
      problems.add(Rule.SYNTAX, Position.START, "not valid YAML: " + oneLine(e.getMessage()));
    }
    return Optional.empty();
  }

  private Node document() throws Refused {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
    Iterator<Event> events = new Parse(settings).parseString(problems.source().text()).iterator();
    @Nullable Node root = null;
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof NodeEvent node) {
        if (root != null) {
          throw new Refused(
              position(event), "a second document begins; a manifest is one document");
        }
        root = node(node, events, 0);
      }
    }
    if (root == null || isNothing(root)) {
      throw new Refused(Position.START, "the manifest is empty; begin it with 'millrace: 1'");
    }
    return root;
  }

  private static boolean isNothing(Node root) {
    return root instanceof Node.Scalar scalar && scalar.type() == Node.Type.NULL;
  }

  private Node node(NodeEvent event, Iterator<Event> events, int depth) throws Refused {
    if (depth > MAX_DEPTH) {
      throw new Refused(position(event), "nested more than " + MAX_DEPTH + " levels deep");
    }
    if (event instanceof AliasEvent alias) {
      @Nullable Node target = anchors.get(alias.getAlias().getValue());
      if (target == null) {
        throw new Refused(
            position(event),
            "alias '*" + alias.getAlias() + "' stands for nothing; set its anchor before it");
      }
      return target;
    }
    Node node =
        switch (event) {
          case ScalarEvent scalar -> scalar(scalar);
          case MappingStartEvent start -> mapping(start, events, depth);
          default -> sequence(event, events, depth);
        };
    if (node.weight() > MAX_NODES) {
      throw new Refused(
          position(event), "more than " + MAX_NODES + " values once its aliases are written out");
    }
    event.getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), node));
    return node;
  }

  private static Node scalar(ScalarEvent event) throws Refused {
    if (event.getTag().isPresent()) {
      throw tagged(event, event.getTag().get());
    }
    Node.Type type = event.isPlain() ? ScalarTypes.of(event.getValue()) : Node.Type.STRING;
    return new Node.Scalar(position(event), event.getValue(), type, false);
  }

  private Node sequence(NodeEvent start, Iterator<Event> events, int depth) throws Refused {
    refuseTag(start);
    List<Node> items = new ArrayList<>();
    int weight = 1;
    while (events.next() instanceof NodeEvent event) {
      Node item = node(event, events, depth + 1);
      weight = grown(weight, item, event);
      items.add(item);
    }
    return Node.Sequence.of(position(start), items);
  }

  private Node mapping(MappingStartEvent start, Iterator<Event> events, int depth) throws Refused {
    refuseTag(start);
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    int weight = 1;
    while (events.next() instanceof NodeEvent keyEvent) {
      if (!(node(keyEvent, events, depth + 1) instanceof Node.Scalar key)) {
        throw new Refused(position(keyEvent), "a key must be a text, not a list or a map");
      }
      NodeEvent valueEvent = (NodeEvent) events.next();
      Node value = node(valueEvent, events, depth + 1);
      weight = grown(weight, value, valueEvent);
      Position at = position(keyEvent);
      Node.@Nullable Entry first = entries.putIfAbsent(key.text(), new Node.Entry(at, value));
      if (first != null) {
        problems.add(
            Rule.DUPLICATE_KEY,
            at,
            "key '"
                + key.text()
                + "' is already on line "
                + first.position().line()
                + "; remove one of the two");
      }
    }
    return Node.Mapping.of(position(start), entries);
  }

  /** Stops a file of very many values before it is all in memory. */
  private static int grown(int weight, Node child, NodeEvent event) throws Refused {
    if (weight > MAX_NODES - child.weight()) {
      throw new Refused(
          position(event), "more than " + MAX_NODES + " values once its aliases are written out");
    }
    return weight + child.weight();
  }

  private static void refuseTag(NodeEvent event) throws Refused {
    if (event instanceof CollectionStartEvent start && start.getTag().isPresent()) {
      throw tagged(event, start.getTag().get());
    }
  }

  private static Refused tagged(NodeEvent event, String tag) {
    return new Refused(
        position(event), "the tag '" + tag + "' is not allowed; write the plain value");
  }

  private static Position position(Event event) {
    return event.getStartMark().map((Mark mark) -> Position.of(mark)).orElse(Position.START);
  }

  /** Where the problem is; where what does not end began, if the problem is the file's end. */
  private static Position position(MarkedYamlEngineException e, SourceText source) {
    Optional<Position> problem = e.getProblemMark().map(Position::of);
    boolean atEnd = problem.isEmpty() || source.line(problem.get().line()).isBlank();
    Optional<Position> context = e.getContextMark().map(Position::of);
    return (atEnd ? context.or(() -> problem) : problem).orElse(Position.START);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*[\r\n]+\\s*", " ");
  }

  /** Ends the reading of a file that is YAML but no manifest. */
  private static final class Refused extends Exception {
    private final transient Position at;

    Refused(Position at, String message) {
      super(message);
      this.at = at;
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }
}

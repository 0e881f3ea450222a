package dev.millrace.worker.wasm.host;

import dev.millrace.abi.Event;
import dev.millrace.worker.dispatch.Invocation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a guest can ask about its event by name: the CloudEvents attributes, then {@code attempt},
 * {@code trigger} and {@code function}, then the extension attributes. An extension never hides one
 * of the names before it.
 */
public final class EventAttributes {

  private EventAttributes() {}

  /** The value of one attribute; {@code null} if the event has none of that name. */
  static @Nullable String value(Invocation invocation, String function, String name) {
    Event event = invocation.event();
    return switch (name) {
      case "id" -> event.id();
      case "source" -> event.source();
      case "type" -> event.type();
      case "subject" -> event.subject().orElse(null);
      case "time" -> event.time().toString();
      case "datacontenttype" -> event.dataContentType().orElse(null);
      case "dataschema" -> event.dataSchema().orElse(null);
      case "attempt" -> Integer.toString(invocation.attempt());
      case "trigger" -> invocation.trigger();
      case "function" -> function;
      default -> event.extensions().get(name);
    };
  }

  /** All attributes that the event has. */
  public static Map<String, String> all(Invocation invocation, String function) {
    Event event = invocation.event();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("id", event.id());
    all.put("source", event.source());
    all.put("type", event.type());
    put(all, "subject", event.subject());
    all.put("time", event.time().toString());
    put(all, "datacontenttype", event.dataContentType());
    put(all, "dataschema", event.dataSchema());
    all.put("attempt", Integer.toString(invocation.attempt()));
    all.put("trigger", invocation.trigger());
    all.put("function", function);
    event.extensions().forEach(all::putIfAbsent);
    return all;
  }

  private static void put(Map<String, String> all, String name, Optional<String> value) {
    value.ifPresent(present -> all.put(name, present));
  }
}

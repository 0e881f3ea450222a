package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.worker.wasm.host.GuestMemory;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The message that a processor of Redpanda Connect works on, and the functions by which its module
 * gives out memory for it.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class BenthosState implements HostState {

  private static final byte[] NOTHING = new byte[0];

  private @Nullable ExportFunction allocate;
  private @Nullable ExportFunction free;
  private @Nullable ExportFunction deallocate;
  private final List<Integer> allocated = new ArrayList<>();
  private Map<String, String> metadata = new LinkedHashMap<>();
  private Map<String, String> fromHost = Map.of();
  private byte @Nullable [] data;
  private long setCharacters;

  @Override
  public void initialized() {}

  @Override
  public void reset() {
    begin(null);
  }

  /** Finds the functions of TinyGo modules ({@code malloc, free}) or of Rust ones. */
  void attach(Instance instance) {
    Optional<ExportFunction> rust = GuestExports.find(instance, "allocate");
    allocate = rust.or(() -> GuestExports.find(instance, "malloc")).orElse(null);
    free = GuestExports.find(instance, "free").orElse(null);
    deallocate = GuestExports.find(instance, "deallocate").orElse(null);
  }

  /** Turns to another message, or to none. */
  void begin(@Nullable Event event) {
    allocated.clear();
    setCharacters = 0;
    metadata = new LinkedHashMap<>();
    fromHost = event == null ? Map.of() : coordinates(event);
    data = event == null ? null : event.data();
    if (event != null) {
      for (Header header : event.headers()) {
        byte[] value = header.value();
        String text = value == null ? null : GuestMemory.text(value);
        if (text != null) {
          metadata.put(header.name(), text);
        }
      }
      metadata.putAll(fromHost);
    }
  }

  /** The message's bytes, {@code null} for none. */
  byte @Nullable [] data() {
    return data;
  }

  void data(byte[] bytes) {
    data = bytes;
  }

  /** A metadata value; empty text where there is none. */
  byte[] metadata(String name) {
    return metadata.getOrDefault(name, "").getBytes(StandardCharsets.UTF_8);
  }

  /** Sets a metadata value, unless more than so many characters would have been set. */
  boolean metadata(String name, String value, int mostCharacters) {
    setCharacters += (long) name.length() + value.length();
    if (setCharacters > mostCharacters) {
      return false;
    }
    metadata.put(name, value);
    return true;
  }

  /** All metadata but what is as the host set it. */
  List<Header> outgoing() {
    List<Header> outgoing = new ArrayList<>();
    metadata.forEach(
        (name, value) -> {
          if (!value.equals(fromHost.get(name))) {
            outgoing.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
          }
        });
    return outgoing;
  }

  /**
   * Copies bytes into memory that the module gives out; answers pointer and size in one i64. The
   * memory is freed when the module is done.
   */
  long give(GuestMemory memory, byte @Nullable [] bytes) {
    byte[] given = bytes == null ? NOTHING : bytes;
    if (allocate == null) {
      throw new GuestStop.BrokenContract(
          "asked for bytes, but exports neither 'malloc' nor 'allocate' for them");
    }
    int pointer = (int) GuestExports.result(allocate.apply(given.length));
    memory.write(pointer, given, 0, given.length);
    if (free != null) {
      allocated.add(pointer);
    }
    return Integer.toUnsignedLong(pointer) << Integer.SIZE | given.length;
  }

  /** Takes bytes from the module, and lets it have their memory back. */
  byte[] take(GuestMemory memory, int pointer, int length) {
    byte[] bytes = memory.read(pointer, length);
    if (deallocate != null) {
      deallocate.apply(pointer, length);
    }
    return bytes;
  }

  /** Frees what was given. */
  void freeAll() {
    for (int pointer : allocated) {
      if (free != null) {
        free.apply(pointer);
      }
    }
    allocated.clear();
  }

  /** What Redpanda Connect's Kafka inputs know of a message. */
  private static Map<String, String> coordinates(Event event) {
    Map<String, String> known = new LinkedHashMap<>();
    for (String name : List.of("topic", "partition", "offset")) {
      String value = event.extensions().get("kafka" + name);
      if (value != null) {
        known.put("kafka_" + name, value);
      }
    }
    if (event.extensions().containsKey("kafkatopic")) {
      known.put("kafka_timestamp_unix", Long.toString(event.time().getEpochSecond()));
    }
    byte[] key = event.key();
    String text = key == null ? null : GuestMemory.text(key);
    if (text != null) {
      known.put("kafka_key", text);
    }
    return known;
  }
}

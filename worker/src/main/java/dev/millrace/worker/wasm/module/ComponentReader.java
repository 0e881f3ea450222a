package dev.millrace.worker.wasm.module;

import dev.millrace.worker.wasm.module.ComponentShape.CoreModule;
import dev.millrace.worker.wasm.module.ComponentShape.Item;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads the sections of a component as far as its imports, its exports and the core modules in it.
 *
 * @see <a
 *     href="https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md">Component
 *     model, binary format</a>
 */
public final class ComponentReader {

  private static final int HEADER_BYTES = 8;
  private static final int CORE_MODULE = 1;
  private static final int COMPONENT = 4;
  private static final int IMPORT = 10;
  private static final int EXPORT = 11;
  private static final int MOST_NESTED = 64;
  private static final int CORE_SORT = 0;
  private static final List<String> SORTS =
      List.of("module", "function", "value", "type", "component", "instance");

  /** What an export is for, by the start of its name. */
  private static final Map<String, String> WORLDS =
      Map.of(
          "wasi:cli/run", "wasi:cli/command, a program",
          "wasi:http/incoming-handler", "wasi:http/proxy, a handler of HTTP requests",
          "wasi:http/handler", "wasi:http/proxy, a handler of HTTP requests",
          "fermyon:spin/inbound-redis",
              "fermyon:spin/redis-trigger, a Spin handler of Redis messages",
          "fermyon:spin/inbound-http", "fermyon:spin/http-trigger, a Spin handler of HTTP requests",
          "spin:redis/inbound-redis", "spin:redis, a Spin handler of Redis messages",
          "wasmcloud:messaging/handler", "wasmcloud:messaging, a handler of messages",
          "wasi:messaging/incoming-handler", "wasi:messaging, a handler of messages");

  private final byte[] bytes;
  private final List<Item> imports = new ArrayList<>();
  private final List<Item> exports = new ArrayList<>();
  private final List<CoreModule> coreModules = new ArrayList<>();
  private int nested;
  private int position;

  private ComponentReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads a component.
   *
   * @throws ModuleFile.UnreadableException if it is not one to its end
   */
  public static ComponentShape read(byte[] bytes) throws ModuleFile.UnreadableException {
    ComponentReader reader = new ComponentReader(bytes);
    try {
      reader.sections(bytes.length, 0);
    } catch (MalformedException e) {
      throw new ModuleFile.UnreadableException(
          "the component is damaged at byte " + reader.position + "; build or copy it again", e);
    }
    return new ComponentShape(
        reader.imports, reader.exports, reader.coreModules, reader.nested, reader.world());
  }

  private void sections(int end, int depth) throws MalformedException {
    position += HEADER_BYTES;
    while (position < end) {
      int id = next(end);
      int size = length(end);
      int sectionEnd = position + size;
      switch (id) {
        case CORE_MODULE ->
            coreModules.add(
                new CoreModule(size, Sha256.hex(Arrays.copyOfRange(bytes, position, sectionEnd))));
        case COMPONENT -> {
          nested++;
          if (depth == MOST_NESTED || size < HEADER_BYTES) {
            throw new MalformedException();
          }
          sections(sectionEnd, depth + 1);
        }
        case IMPORT -> {
          if (depth == 0) {
            imports(sectionEnd);
          }
        }
        case EXPORT -> {
          if (depth == 0) {
            exports(sectionEnd);
          }
        }
        default -> {
          // types, aliases and instances say nothing by name
        }
      }
      position = sectionEnd;
    }
  }

  private void imports(int end) throws MalformedException {
    int count = length(end);
    for (int i = 0; i < count; i++) {
      String name = externalName(end);
      imports.add(new Item(name, external(end)));
    }
  }

  private void exports(int end) throws MalformedException {
    int count = length(end);
    for (int i = 0; i < count; i++) {
      String name = externalName(end);
      int sort = next(end);
      if (sort == CORE_SORT) {
        next(end);
      }
      length32(end);
      exports.add(new Item(name, sort(sort)));
      if (next(end) != 0) {
        external(end);
      }
    }
  }

  /** A name behind a byte that says how it is written; attributes may follow it. */
  private String externalName(int end) throws MalformedException {
    int form = next(end);
    String name = text(end);
    if (form == 2) {
      int options = length(end);
      for (int i = 0; i < options; i++) {
        next(end);
        text(end);
      }
    } else if (form > 2) {
      throw new MalformedException();
    }
    return name;
  }

  /** What is imported, or what an export is said to be. */
  private String external(int end) throws MalformedException {
    int sort = next(end);
    switch (sort) {
      case 0 -> {
        next(end);
        length32(end);
      }
      case 1, 4, 5 -> length32(end);
      case 2 -> throw new MalformedException(); // values are not part of the standard yet
      case 3 -> {
        if (next(end) == 0) {
          length32(end);
        }
      }
      default -> throw new MalformedException();
    }
    return sort(sort);
  }

  private static String sort(int sort) throws MalformedException {
    if (sort >= SORTS.size()) {
      throw new MalformedException();
    }
    return SORTS.get(sort);
  }

  private String world() {
    for (Item export : exports) {
      for (Map.Entry<String, String> world : WORLDS.entrySet()) {
        String name = export.name();
        if (name.equals(world.getKey()) || name.startsWith(world.getKey() + "@")) {
          return "it exports '" + name + "': the world " + world.getValue();
        }
      }
    }
    if (exports.stream().anyMatch(export -> export.name().equals("handle-redis-message"))) {
      return "it exports 'handle-redis-message': a Spin handler of Redis messages";
    }
    return exports.isEmpty()
        ? "it exports nothing: a library, or a world of its own"
        : "it exports "
            + String.join(", ", exports.stream().map(export -> "'" + export.name() + "'").toList())
            + ": a world of its own";
  }

  private String text(int end) throws MalformedException {
    int length = length(end);
    String text = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    return text;
  }

  /** A number of bytes or items, which have to be there. */
  private int length(int end) throws MalformedException {
    long length = length32(end);
    if (length > end - position) {
      throw new MalformedException();
    }
    return (int) length;
  }

  /** An unsigned 32-bit number. */
  private long length32(int end) throws MalformedException {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = next(end);
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new MalformedException();
  }

  private int next(int end) throws MalformedException {
    if (position >= end) {
      throw new MalformedException();
    }
    return bytes[position++] & 0xff;
  }

  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;
  }
}

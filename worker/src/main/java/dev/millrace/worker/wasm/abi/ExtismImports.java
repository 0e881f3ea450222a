package dev.millrace.worker.wasm.abi;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostImport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The import module {@code extism:host/env}: the 20 functions of Extism's kernel and the 12 of its
 * host. Where the host takes a block (a name, a log line), it is freed, as Extism does.
 *
 * <p>Plugins that were built before Extism 1.0 import the same functions from {@code env}, each
 * with {@code extism_} before its name.
 *
 * @see <a href="https://extism.org/docs/concepts/pdk">Extism, plug-in development kits</a>
 */
final class ExtismImports {

  static final String MODULE = "extism:host/env";
  static final String LEGACY_MODULE = "env";
  static final String LEGACY_PREFIX = "extism_";

  /** Extism's number for "everything is logged". */
  private static final int LEVEL_TRACE = 0;

  private ExtismImports() {}

  /** All functions under both their names. */
  static List<HostImport> all() {
    List<HostImport> imports = new ArrayList<>();
    addMemory(imports);
    addInputAndOutput(imports);
    addHost(imports);
    List<HostImport> legacy =
        imports.stream()
            .map(i -> new HostImport(LEGACY_MODULE, LEGACY_PREFIX + i.name(), i.type(), i.body()))
            .toList();
    imports.addAll(legacy);
    return List.copyOf(imports);
  }

  private static void addMemory(List<HostImport> imports) {
    add(imports, "alloc", "l:l", (s, c, a) -> s.memory().alloc(a[0]));
    add(imports, "free", "l:", (s, c, a) -> free(s, a[0]));
    add(imports, "length", "l:l", (s, c, a) -> s.memory().length(a[0]));
    add(imports, "length_unsafe", "l:l", (s, c, a) -> s.memory().length(a[0]));
    add(imports, "load_u8", "l:i", (s, c, a) -> s.memory().loadByte(a[0]));
    add(imports, "load_u64", "l:l", (s, c, a) -> s.memory().loadLong(a[0]));
    add(imports, "store_u8", "li:", ExtismImports::storeByte);
    add(imports, "store_u64", "ll:", ExtismImports::storeLong);
    add(imports, "memory_bytes", ":l", (s, c, a) -> s.memory().size());
    add(imports, "reset", ":", ExtismImports::reset);
  }

  private static void addInputAndOutput(List<HostImport> imports) {
    add(imports, "input_length", ":l", (s, c, a) -> s.inputLength());
    add(imports, "input_offset", ":l", (s, c, a) -> s.inputOffset());
    add(imports, "input_load_u8", "l:i", ExtismImports::inputByte);
    add(imports, "input_load_u64", "l:l", ExtismImports::inputLong);
    add(imports, "input_set", "ll:", ExtismImports::inputSet);
    add(imports, "output_set", "ll:", ExtismImports::outputSet);
    add(imports, "output_length", ":l", (s, c, a) -> s.outputLength());
    add(imports, "output_offset", ":l", (s, c, a) -> s.outputOffset());
    add(imports, "error_set", "l:", ExtismImports::errorSet);
    add(imports, "error_get", ":l", (s, c, a) -> s.error());
  }

  private static void addHost(List<HostImport> imports) {
    add(imports, "config_get", "l:l", ExtismImports::configGet);
    add(imports, "var_get", "l:l", ExtismImports::variableGet);
    add(imports, "var_set", "ll:", ExtismImports::variableSet);
    for (String level : List.of("trace", "debug", "info", "warn", "error")) {
      byte[] label = (level.toUpperCase(Locale.ROOT) + " ").getBytes(StandardCharsets.US_ASCII);
      add(imports, "log_" + level, "l:", (s, c, a) -> log(s, c, a[0], label));
    }
    add(imports, "get_log_level", ":i", (s, c, a) -> LEVEL_TRACE);
    add(imports, "http_request", "ll:l", ExtismImports::httpRequest);
    add(imports, "http_status_code", ":i", (s, c, a) -> s.http().status());
    add(imports, "http_headers", ":l", (s, c, a) -> give(s, s.http().headers()));
  }

  private static void add(List<HostImport> imports, String name, String signature, Body body) {
    imports.add(
        HostImport.of(
            MODULE, name, signature, (c, m, a) -> body.call((ExtismState) c.state(), c, a)));
  }

  /** What a function does with its arguments. */
  private interface Body {
    long call(ExtismState state, Call call, long[] arguments);
  }

  private static long free(ExtismState state, long offset) {
    state.free(offset);
    return 0;
  }

  private static long storeByte(ExtismState state, Call call, long[] args) {
    state.memory().storeByte(args[0], args[1]);
    return 0;
  }

  private static long storeLong(ExtismState state, Call call, long[] args) {
    state.memory().storeLong(args[0], args[1]);
    return 0;
  }

  private static long reset(ExtismState state, Call call, long[] args) {
    state.clear();
    return 0;
  }

  private static long inputByte(ExtismState state, Call call, long[] args) {
    return inInput(state, args[0], 1) ? state.memory().loadByte(state.inputOffset() + args[0]) : 0;
  }

  private static long inputLong(ExtismState state, Call call, long[] args) {
    return inInput(state, args[0], Long.BYTES)
        ? state.memory().loadLong(state.inputOffset() + args[0])
        : 0;
  }

  private static boolean inInput(ExtismState state, long offset, int length) {
    return offset >= 0 && offset <= state.inputLength() - length;
  }

  private static long inputSet(ExtismState state, Call call, long[] args) {
    state.input(args[0], args[1]);
    return 0;
  }

  private static long outputSet(ExtismState state, Call call, long[] args) {
    state.output(args[0], args[1]);
    return 0;
  }

  private static long errorSet(ExtismState state, Call call, long[] args) {
    state.error(args[0]);
    return 0;
  }

  private static long configGet(ExtismState state, Call call, long[] args) {
    return give(state, call.settings().config().get(takeText(state, "config_get", args[0])));
  }

  private static long variableGet(ExtismState state, Call call, long[] args) {
    return give(state, state.variables().get(takeText(state, "var_get", args[0])));
  }

  private static long variableSet(ExtismState state, Call call, long[] args) {
    byte[] value = args[1] == 0 ? null : take(state, "var_set", args[1]);
    String name = takeText(state, "var_set", args[0]);
    if (value == null) {
      state.variables().remove(name);
    } else if (!state.variables().set(name, value)) {
      throw new GuestStop.HostCallFailed(
          FailureKind.TRAP, "called extism:host/env.var_set, but its 1 MiB of variables is full");
    }
    return 0;
  }

  private static long log(ExtismState state, Call call, long offset, byte[] label) {
    byte[] line = take(state, "log", offset);
    call.log().write(label);
    call.log().write(line);
    call.log().write(new byte[] {'\n'});
    return 0;
  }

  private static long httpRequest(ExtismState state, Call call, long[] args) {
    byte[] request = take(state, "http_request", args[0]);
    byte[] body = args[1] == 0 ? null : take(state, "http_request", args[1]);
    return state.memory().store(state.http().send(call, request, body));
  }

  /** A block with some bytes; 0 for none. */
  private static long give(ExtismState state, byte @Nullable [] value) {
    return value == null ? 0 : state.memory().store(value);
  }

  /** Takes a block from the plugin and frees it. */
  private static byte[] take(ExtismState state, String function, long offset) {
    if (!state.memory().isBlock(offset)) {
      throw new GuestStop.BrokenContract(
          "called "
              + MODULE
              + "."
              + function
              + " with "
              + Long.toUnsignedString(offset)
              + ", where no block of its Extism memory begins; pass what alloc answered");
    }
    byte[] bytes = state.memory().read(offset);
    state.free(offset);
    return bytes;
  }

  private static String takeText(ExtismState state, String function, long offset) {
    return new String(take(state, function, offset), StandardCharsets.UTF_8);
  }
}

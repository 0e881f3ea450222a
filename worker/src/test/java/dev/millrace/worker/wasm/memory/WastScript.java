package dev.millrace.worker.wasm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A WebAssembly test script as {@code wast2json} writes it, run on compiled code over {@link
 * SnapshotMemory}.
 *
 * @see <a href="https://github.com/WebAssembly/wabt/blob/main/docs/wast2json.md">The format</a>
 */
final class WastScript {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long BUDGET = Integer.MAX_VALUE;

  private final Path file;
  private final Store store = new Store();
  private final Map<String, Instance> named = new HashMap<>();
  private @Nullable Instance latest;

  private WastScript(Path file) {
    this.file = file;
    addSpectestModule();
  }

  /** One test a command, to be run in their order. */
  static Stream<DynamicTest> testsOf(Path file) throws IOException {
    WastScript script = new WastScript(file);
    return JSON.readTree(Files.readString(file))
        .path("commands")
        .valueStream()
        .map(
            command ->
                DynamicTest.dynamicTest(
                    "line " + command.path("line").asInt() + " " + command.path("type").asString(),
                    () -> script.run(command)));
  }

  private void run(JsonNode command) throws IOException {
    switch (command.path("type").asString()) {
      case "module" -> {
        Instance instance = instantiate(command);
        latest = instance;
        name(command).ifPresent(name -> named.put(name, instance));
      }
      case "register" ->
          store.register(command.path("as").asString(), instance(command.path("name")));
      case "action" -> act(command.path("action"));
      case "assert_return" -> assertReturn(command);
      case "assert_trap", "assert_exhaustion" ->
          assertFailure(command, () -> act(command.path("action")));
      case "assert_uninstantiable", "assert_unlinkable" ->
          assertFailure(command, () -> instantiate(command));
      // What the parser refuses never meets a memory.
      case "assert_invalid", "assert_malformed" -> {}
      default -> throw new AssertionError("unknown command " + command);
    }
  }

  private Instance instantiate(JsonNode command) throws IOException {
    byte[] bytes = Files.readAllBytes(file.resolveSibling(command.path("filename").asString()));
    WasmModule module = Parser.parse(bytes);
    MemoryBudget budget = new MemoryBudget(BUDGET);
    return Instance.builder(module)
        .withMachineFactory(
            MachineFactoryCompiler.builder(module)
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .compile())
        .withMemoryFactory(limits -> new SnapshotMemory(limits, budget))
        .withImportValues(store.toImportValues())
        .build();
  }

  private long[] act(JsonNode action) {
    Instance instance = instance(action.path("module"));
    String field = action.path("field").asString();
    if (action.path("type").asString().equals("get")) {
      return new long[] {instance.exports().global(field).getValue()};
    }
    long[] arguments = action.path("args").valueStream().mapToLong(WastScript::value).toArray();
    long[] results = instance.export(field).apply(arguments);
    return results == null ? new long[0] : results;
  }

  private void assertReturn(JsonNode command) {
    long[] results = act(command.path("action"));
    List<JsonNode> expected = command.path("expected").valueStream().toList();
    assertEquals(expected.size(), results.length);
    for (int i = 0; i < results.length; i++) {
      assertValue(expected.get(i), results[i]);
    }
  }

  private static void assertValue(JsonNode expected, long actual) {
    String type = expected.path("type").asString();
    if (expected.path("value").asString().startsWith("nan:")) {
      boolean nan =
          type.equals("f32")
              ? Float.isNaN(Value.longToFloat(actual))
              : Double.isNaN(Value.longToDouble(actual));
      assertTrue(nan, () -> Long.toHexString(actual) + " is a number");
      return;
    }
    boolean narrow = type.equals("i32") || type.equals("f32");
    assertEquals(value(expected), narrow ? (int) actual : actual);
  }

  /** Chicory keeps every value as a long: an int's bits sign-extended, a float's bits. */
  private static long value(JsonNode node) {
    String text = node.path("value").asString();
    return switch (node.path("type").asString()) {
      case "i32", "f32" -> Integer.parseUnsignedInt(text);
      case "i64", "f64" -> Long.parseUnsignedLong(text);
      default -> throw new AssertionError("a value of another type: " + node);
    };
  }

  private interface Step {
    Object run() throws IOException;
  }

  private static void assertFailure(JsonNode command, Step step) {
    ChicoryException failure = assertThrows(ChicoryException.class, step::run);
    String expected = command.path("text").asString();
    if (expected.startsWith("out of bounds memory")) {
      assertNotNull(failure.getMessage());
      assertTrue(failure.getMessage().startsWith("out of bounds memory"), failure.getMessage());
    }
  }

  private Instance instance(JsonNode name) {
    Instance instance = name.isMissingNode() ? latest : named.get(name.asString());
    assertNotNull(instance, () -> "no module " + name);
    return instance;
  }

  private static Optional<String> name(JsonNode command) {
    return command.path("name").stringValueOpt();
  }

  /** What scripts of the specification may import. */
  private void addSpectestModule() {
    String spectest = "spectest";
    MemoryLimits oneToTwo = new MemoryLimits(1, 2);
    store.addMemory(
        new ImportMemory(
            spectest, "memory", new SnapshotMemory(oneToTwo, new MemoryBudget(BUDGET))));
    store.addTable(
        new ImportTable(
            spectest,
            "table",
            new TableInstance(new Table(ValType.FuncRef, new TableLimits(10, 20)), -1)));
    store.addGlobal(
        new ImportGlobal(spectest, "global_i32", new GlobalInstance(Value.i32(666))),
        new ImportGlobal(spectest, "global_i64", new GlobalInstance(Value.i64(666))));
    Map<String, List<ValType>> prints =
        Map.of("print", List.of(), "print_i32", List.of(ValType.I32));
    prints.forEach(
        (name, parameters) ->
            store.addFunction(
                new HostFunction(
                    spectest,
                    name,
                    FunctionType.of(parameters, List.of()),
                    (instance, arguments) -> new long[0])));
  }
}

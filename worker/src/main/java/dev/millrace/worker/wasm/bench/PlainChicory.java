package dev.millrace.worker.wasm.bench;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.FunctionImport;
import dev.millrace.abi.GuestAbi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A guest of the {@code millrace} ABI in plain Chicory: compiled once, default memory, and of the
 * host functions no more than the guest needs, as lambdas that check nothing. Nothing is bounded,
 * nothing is recorded, no deadline is kept.
 *
 * <p>Confined to one thread.
 */
public final class PlainChicory {

  private final WasmModule module;
  private final Function<Instance, Machine> machine;
  private final ImportValues imports;
  private final Map<String, byte[]> config;
  private byte[] data = new byte[0];
  private byte @Nullable [] reply;
  private @Nullable ExportFunction kept;

  /**
   * Parses and compiles a guest.
   *
   * @param config what the guest can ask for
   */
  public PlainChicory(Path guest, Map<String, byte[]> config) {
    this.module = Parser.parse(guest);
    this.machine = MachineFactoryCompiler.compile(module);
    this.config = config;
    ImportValues.Builder builder = ImportValues.builder();
    module.importSection().stream()
        .map(FunctionImport.class::cast)
        .forEach(imported -> builder.addFunction(hostFunction(imported)));
    this.imports = builder.build();
  }

  /**
   * Hands data to a new instance.
   *
   * @return what the guest answered; {@code null} for nothing
   * @throws IllegalStateException if the guest failed
   */
  public byte @Nullable [] callNewInstance(byte[] input) {
    return call(newInstance(), input);
  }

  /** Hands data to an instance that earlier calls have used, too. */
  public byte @Nullable [] callSameInstance(byte[] input) {
    ExportFunction handle = kept;
    if (handle == null) {
      handle = newInstance();
      kept = handle;
    }
    return call(handle, input);
  }

  private byte @Nullable [] call(ExportFunction handle, byte[] input) {
    data = input;
    reply = null;
    long result = handle.apply()[0];
    if (result != GuestAbi.HANDLE_DONE) {
      throw new IllegalStateException("the guest answered " + result);
    }
    return reply;
  }

  private ExportFunction newInstance() {
    Instance instance =
        Instance.builder(module)
            .withMachineFactory(machine)
            .withImportValues(imports)
            .withStart(false)
            .build();
    for (int i = 0; i < module.exportSection().exportCount(); i++) {
      Export export = module.exportSection().getExport(i);
      if (export.name().equals("_initialize")) {
        instance.export("_initialize").apply();
      }
    }
    return instance.export(GuestAbi.HANDLE);
  }

  private HostFunction hostFunction(FunctionImport imported) {
    return new HostFunction(
        imported.module(),
        imported.name(),
        module.typeSection().getType(imported.typeIndex()),
        (instance, args) -> {
          Memory memory = instance.memory();
          return switch (imported.name()) {
            case "data_read" -> {
              int from = Math.min((int) args[2], data.length);
              int length = Math.min((int) args[1], data.length - from);
              memory.write((int) args[0], data, from, length);
              yield new long[] {data.length};
            }
            case "config_read" -> {
              byte[] name = memory.readBytes((int) args[0], (int) args[1]);
              byte[] value = config.get(new String(name, StandardCharsets.UTF_8));
              yield copied(memory, args, value);
            }
            case "attribute_read" -> {
              byte[] name = memory.readBytes((int) args[0], (int) args[1]);
              boolean attempt = Arrays.equals(name, "attempt".getBytes(StandardCharsets.UTF_8));
              yield copied(memory, args, attempt ? new byte[] {'1'} : null);
            }
            case "reply_write" -> {
              reply = memory.readBytes((int) args[0], (int) args[1]);
              yield new long[] {0};
            }
            case "log" -> {
              memory.readBytes((int) args[1], (int) args[2]);
              yield new long[0];
            }
            default ->
                throw new IllegalStateException("no host function " + imported.name() + " here");
          };
        });
  }

  private static long[] copied(Memory memory, long[] args, byte @Nullable [] value) {
    if (value == null) {
      return new long[] {GuestAbi.ABSENT};
    }
    memory.write((int) args[2], value, 0, Math.min((int) args[3], value.length));
    return new long[] {value.length};
  }
}

package dev.millrace.worker.wasm;

import com.dylibso.chicory.compiler.Cache;
import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns modules into classes, through the disk cache if there is one. */
final class ModuleCompiler {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleCompiler.class);

  private static final byte RESTORABLE = 1;

  private final Optional<CompileCache> cache;

  ModuleCompiler(Optional<CompileCache> cache) {
    this.cache = cache;
  }

  /** What was compiled before, if there is a place for it. */
  Optional<CompileCache> cache() {
    return cache;
  }

  /**
   * Compiles a module, or loads what was compiled before. The interpreter never steps in for it by
   * itself: it is far slower, so that a function has to ask for it.
   *
   * @throws ModuleFile.UnreadableException if it was compiled before, that is damaged, and the
   *     module itself cannot be parsed
   */
  CompiledModule compile(ModuleFile file) throws ModuleFile.UnreadableException {
    Optional<byte[]> kept = cache.flatMap(known -> known.get(file.digest()));
    if (kept.isPresent()) {
      try {
        return load(file.module(), kept.get());
      } catch (RuntimeException | LinkageError e) {
        LOG.atWarn()
            .addKeyValue("reason", e.toString())
            .log("cached module cannot be loaded; compiling it again");
        cache.orElseThrow().remove(file.digest());
      }
    }
    WasmModule module = file.wholeModule();
    boolean restorable = InstructionScan.of(module).restorable();
    Cache keeping =
        new Cache() {
          @Override
          public byte @Nullable [] get(String key) {
            return null;
          }

          @Override
          public void putIfAbsent(String key, byte[] code) {
            cache.ifPresent(place -> place.put(file.digest(), kept(restorable, code)));
          }
        };
    return new CompiledModule(module, machine(module, keeping), restorable);
  }

  private static CompiledModule load(WasmModule module, byte[] kept) {
    byte[] code = Arrays.copyOfRange(kept, 1, kept.length);
    Cache holding =
        new Cache() {
          @Override
          public byte[] get(String key) {
            return code;
          }

          @Override
          public void putIfAbsent(String key, byte[] data) {}
        };
    return new CompiledModule(module, machine(module, holding), kept[0] == RESTORABLE);
  }

  /** Code for the cache, behind the one thing that only the instructions tell. */
  private static byte[] kept(boolean restorable, byte[] code) {
    byte[] kept = new byte[1 + code.length];
    kept[0] = restorable ? RESTORABLE : 0;
    System.arraycopy(code, 0, kept, 1, code.length);
    return kept;
  }

  /**
   * The engine's key, a digest of the module, is not used: that of {@link CompileCache} says more.
   */
  private static Function<Instance, Machine> machine(WasmModule module, Cache cache) {
    return MachineFactoryCompiler.builder(module)
        .withInterpreterFallback(InterpreterFallback.FAIL)
        .withCache(cache)
        .compile();
  }
}

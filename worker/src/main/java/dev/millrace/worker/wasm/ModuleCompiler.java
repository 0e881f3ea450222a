package dev.millrace.worker.wasm;

import com.dylibso.chicory.compiler.Cache;
import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns modules into classes, through the disk cache if there is one. */
final class ModuleCompiler {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleCompiler.class);

  private final Optional<CompileCache> cache;

  ModuleCompiler(Optional<CompileCache> cache) {
    this.cache = cache;
  }

  /**
   * Compiles a module, or loads what was compiled before. The interpreter is never used instead: it
   * is far slower and cannot be stopped in every loop.
   */
  Function<Instance, Machine> compile(ModuleFile file) {
    if (cache.isEmpty()) {
      return compile(file.module(), null);
    }
    String digest = VersionDigest.of(file.bytes());
    try {
      return compile(file.module(), entry(cache.get(), digest));
    } catch (RuntimeException | LinkageError e) {
      // Either the module cannot be compiled, which the second try says again, or the entry is bad.
      cache.get().remove(digest);
      Function<Instance, Machine> compiled = compile(file.module(), null);
      LOG.atWarn()
          .addKeyValue("reason", e.toString())
          .log("cached module could not be loaded; it was compiled again");
      return compiled;
    }
  }

  private static Function<Instance, Machine> compile(WasmModule module, @Nullable Cache entry) {
    MachineFactoryCompiler.Builder builder =
        MachineFactoryCompiler.builder(module).withInterpreterFallback(InterpreterFallback.FAIL);
    if (entry != null) {
      builder.withCache(entry);
    }
    return builder.compile();
  }

  /** The one entry of the cache that a compilation asks for; our key is more than the engine's. */
  private static Cache entry(CompileCache cache, String digest) {
    return new Cache() {
      @Override
      public byte @Nullable [] get(String key) {
        return cache.get(digest).orElse(null);
      }

      @Override
      public void putIfAbsent(String key, byte[] data) {
        cache.put(digest, data);
      }
    };
  }
}

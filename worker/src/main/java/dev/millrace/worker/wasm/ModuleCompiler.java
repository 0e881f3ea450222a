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
   * Compiles a module, or loads what was compiled before. The interpreter never steps in for it by
   * itself: it is far slower, so that a function has to ask for it.
   */
  Function<Instance, Machine> compile(ModuleFile file) {
    if (cache.isEmpty()) {
      return compile(file.module(), null);
    }
    Entry entry = new Entry(cache.get(), VersionDigest.of(file.bytes()));
    try {
      return compile(file.module(), entry);
    } catch (RuntimeException | LinkageError e) {
      if (!entry.loaded) {
        throw e;
      }
      LOG.atWarn()
          .addKeyValue("reason", e.toString())
          .log("cached module cannot be loaded; compiling it again");
      entry.remove();
      return compile(file.module(), entry);
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

  /**
   * The one entry of the cache that a compilation asks for. The engine's key, a digest of the
   * module, is not used: ours says more.
   */
  private static final class Entry implements Cache {
    private final CompileCache cache;
    private final String digest;
    private boolean loaded;

    Entry(CompileCache cache, String digest) {
      this.cache = cache;
      this.digest = digest;
    }

    @Override
    public byte @Nullable [] get(String key) {
      byte[] compiled = cache.get(digest).orElse(null);
      loaded = compiled != null;
      return compiled;
    }

    @Override
    public void putIfAbsent(String key, byte[] data) {
      cache.put(digest, data);
    }

    void remove() {
      cache.remove(digest);
      loaded = false;
    }
  }
}

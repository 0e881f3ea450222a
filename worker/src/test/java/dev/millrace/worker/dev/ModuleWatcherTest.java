package dev.millrace.worker.dev;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.AbiSpec;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.Grants;
import dev.millrace.worker.wasm.Limits;
import dev.millrace.worker.wasm.Program;
import dev.millrace.worker.wasm.WasmFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleWatcherTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path directory;

  @Test
  void deploysAScriptAgainWhenWhatItImportsChanges() throws DeployException, IOException {
    List<String> progress = new CopyOnWriteArrayList<>();
    write("handler.js", "import { a } from './part.js';\nexport const handle = () => a;\n");
    write("part.js", "export const a = 1;\n");
    try (Engine engine = Engine.open(EngineOptions.defaults());
        WasmFunction function = engine.deploy(spec());
        ModuleWatcher watcher = new ModuleWatcher(List.of(function), progress::add)) {
      String first = function.version();
      watcher.start();

      write("part.js", "export const a = ;\n");
      await().atMost(SOON).until(() -> progress.size() == 1);
      assertTrue(progress.get(0).contains("part.js:1"), progress.get(0));
      assertEquals(first, function.version());

      write("part.js", "export const a = 22;\n");
      await().atMost(SOON).until(() -> !function.version().equals(first));
    }
  }

  private FunctionSpec spec() {
    return new FunctionSpec(
        "scripted",
        Program.script(directory.resolve("handler.js")),
        AbiSpec.AUTO,
        Limits.DEFAULT,
        InstanceMode.FRESH,
        1,
        Map.of(),
        Map.of(),
        Grants.NONE);
  }

  private void write(String name, String text) throws IOException {
    Path written = Files.writeString(directory.resolve(name + ".new"), text);
    Files.move(
        written,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}

package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.wasm.WasmModule;
import dev.millrace.triggers.Recording;
import dev.millrace.worker.wasm.abi.Abi;
import dev.millrace.worker.wasm.abi.HostCatalog;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.FunctionSettings;
import dev.millrace.worker.wasm.host.GuestMemory;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.module.LoadedModule;
import dev.millrace.worker.wasm.recording.HostClock;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Limits;
import java.util.Optional;

/**
 * A function that was compiled and is ready to be instantiated. Immutable, shared by all slots of a
 * version.
 *
 * @param spec what the manifest says
 * @param abi how its guest is called
 * @param settings what the manifest says, for host functions
 * @param loaded the module, shared by all functions that run it
 * @param digest the SHA-256 of the module and its script in hex
 * @param version the version's digest in hex
 * @param waits whether its guest may wait for somebody outside
 * @param clock time and random numbers for guests
 * @param outside what guests can be granted to reach
 * @param room what the sandboxes of all functions hold
 */
record CompiledFunction(
    FunctionSpec spec,
    Abi abi,
    FunctionSettings settings,
    LoadedModule loaded,
    String digest,
    String version,
    boolean waits,
    HostClock clock,
    Outside outside,
    SandboxRoom room) {

  /** What was parsed, perhaps without the bodies of functions. */
  WasmModule module() {
    return loaded.module();
  }

  /** Whether a sandbox can be put back; if not, each event gets a new one. */
  boolean restorable() {
    return loaded.scan().restorable();
  }

  /** The host functions that the module imports, linked to a call. */
  ImportValues imports(Call call) {
    GuestMemory view = new GuestMemory();
    ImportValues.Builder values = ImportValues.builder();
    HostCatalog catalog = HostCatalog.of(abi.kind());
    module().importSection().stream()
        .map(imported -> catalog.find(imported.module(), imported.name()))
        .flatMap(Optional::stream)
        .distinct()
        .forEach(offered -> values.addFunction(offered.link(call, view)));
    return values.build();
  }

  /** A recording of an attempt of this version. */
  Recording recording(int attempt, int earlierEvents, Recording.Tape start, Recording.Tape run) {
    Limits limits = spec.limits();
    return new Recording(
        digest,
        new Recording.Limits(
            limits.timeout(),
            limits.memoryBytes(),
            limits.inputBytes(),
            limits.outputBytes(),
            limits.logBytes()),
        attempt,
        earlierEvents,
        start,
        run);
  }
}

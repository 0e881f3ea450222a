package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;

/**
 * A module that is ready to be instantiated. Immutable, shared by all functions that run the same
 * bytes.
 *
 * @param digest the SHA-256 of its bytes in hex
 * @param module what was parsed; the bodies of its functions only where they are interpreted
 * @param scan what its instructions say
 * @param machine makes the code of an instance
 */
record LoadedModule(
    String digest, WasmModule module, InstructionScan scan, Function<Instance, Machine> machine) {}

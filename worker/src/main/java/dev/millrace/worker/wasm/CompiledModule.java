package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;

/**
 * A module with its code.
 *
 * @param module what instances are made of; perhaps an {@linkplain Outline outline}
 * @param machine makes the code of an instance of just this module
 * @param restorable whether memory and globals are all the state that an invocation can change
 */
record CompiledModule(WasmModule module, Function<Instance, Machine> machine, boolean restorable) {}

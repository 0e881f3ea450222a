package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.MStack;

/**
 * Chicory's interpreter, whose operands go when a guest ends with an exception: Chicory leaves them
 * on the stack, where those of an instance that ends like that for each event would pile up.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class Interpreter extends InterpreterMachine {

  Interpreter(Instance instance) {
    super(instance);
  }

  @Override
  public long[] call(int function, long[] arguments) {
    MStack operands = stack();
    int before = operands.size();
    try {
      return super.call(function, arguments);
    } catch (RuntimeException thrown) {
      while (operands.size() > before) {
        operands.pop();
      }
      throw thrown;
    }
  }

  /** How many operands lie on the stack: none while no function runs. */
  int operands() {
    return stack().size();
  }
}

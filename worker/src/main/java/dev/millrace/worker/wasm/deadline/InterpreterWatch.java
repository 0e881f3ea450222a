package dev.millrace.worker.wasm.deadline;

import com.dylibso.chicory.runtime.ExecutionListener;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.wasm.types.Instruction;

/**
 * Lets an interpreted guest be stopped. The interpreter itself looks for an interrupt at calls and
 * plain branches only, so that a loop of conditional ones never ends; this looks in between, every
 * few instructions.
 *
 * <p>Confined to the thread that runs the guest.
 */
public final class InterpreterWatch implements ExecutionListener {

  /** A power of two, less one: some microseconds of interpretation. */
  private static final int MASK = (1 << 8) - 1;

  private int executed;

  @Override
  public void onExecution(Instruction instruction, MStack stack) {
    if ((++executed & MASK) == 0) {
      Interruption.check();
    }
  }
}

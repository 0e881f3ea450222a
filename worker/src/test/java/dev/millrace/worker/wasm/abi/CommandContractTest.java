package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.Guests;

/** WASI programs. */
class CommandContractTest extends GuestContract {

  CommandContractTest() {
    super(Guests.spec("contract-program"));
  }

  @Override
  boolean reusable() {
    return false;
  }
}

package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.Guests;

/** Functions of the project's own ABI. */
class MillraceContractTest extends GuestContract {

  MillraceContractTest() {
    super(Guests.spec("contract"));
  }
}

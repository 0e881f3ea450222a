package dev.millrace.worker.wasm;

/** Functions of the project's own ABI. */
class MillraceContractTest extends GuestContract {

  MillraceContractTest() {
    super(Guests.spec("contract"));
  }
}

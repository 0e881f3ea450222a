package dev.millrace.worker.wasm;

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

package dev.millrace.worker.values;

import dev.millrace.worker.wasm.host.KeyValues;
import java.time.InstantSource;

class KeyValuesInMemoryTest extends KeyValuesContract {

  private final KeyValues values = KeyValues.inMemory(InstantSource.system());

  @Override
  KeyValues values() {
    return values;
  }
}

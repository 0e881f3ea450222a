package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaNameTest {

  private final Path store = Path.of("/var/lib/millrace/store.db");

  @Test
  void isTheSameForTheSameHostAndStoreOnly() {
    ReplicaName one = new ReplicaName(Map.of("HOSTNAME", "one"));

    assertEquals(one.of(store), one.of(store));
    assertNotEquals(one.of(store), new ReplicaName(Map.of("HOSTNAME", "two")).of(store));
    assertNotEquals(one.of(store), one.of(Path.of("/var/lib/millrace/other.db")));
  }

  @Test
  void asksTheSystemWhereNoVariableNamesTheHost() {
    assertFalse(new ReplicaName(Map.of()).of(store).startsWith("-"));
  }
}

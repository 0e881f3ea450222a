package dev.millrace.worker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresAddressTest {

  @Test
  void readsEveryPartOfAUrl() {
    PostgresAddress address =
        PostgresAddress.parse(
            "postgresql://m%40x:s%2Fcret+1@db1:5432,[::1]:5433/jobs%20a?sslmode=require&a=b%26c");

    assertEquals("db1:5432,[::1]:5433", address.servers());
    assertEquals("jobs a", address.database());
    assertEquals(Optional.of("m@x"), address.user());
    assertEquals(Optional.of("s/cret+1"), address.password());
    assertEquals(Map.of("sslmode", "require", "a", "b&c"), address.properties());
    assertEquals("jdbc:postgresql://db1:5432,[::1]:5433/jobs%20a", address.jdbcUrl());
  }

  @Test
  void needsNoMoreThanServerAndDatabase() {
    PostgresAddress address = PostgresAddress.parse("postgres://db/jobs");

    assertEquals(Optional.empty(), address.user());
    assertEquals("millrace", address.schema());
    assertEquals("millrace", address.driverProperties().getProperty("currentSchema"));
  }

  @Test
  void neverShowsThePassword() {
    PostgresAddress address =
        PostgresAddress.parse("postgresql://u:geheim@db/jobs?password2=geheim").withSchema("s");

    assertEquals("postgresql://u@db/jobs (schema s)", address.toString());
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> PostgresAddress.parse("postgresql://u:geheim@db:port/jobs"));
    assertFalse(refused.getMessage().contains("geheim"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "postgresql:",
        "postgresql://",
        "postgresql://db",
        "postgresql://db/",
        "postgresql:///jobs",
        "postgresql://db:x/jobs",
        "postgresql://a@b@db/jobs",
        "mysql://db/jobs",
        "jdbc:postgresql://db/jobs"
      })
  void refusesWhatIsNoAddress(String url) {
    assertThrows(IllegalArgumentException.class, () -> PostgresAddress.parse(url));
  }

  @Test
  void refusesWhatTheStoreSetsItself() {
    PostgresAddress address = PostgresAddress.parse("postgresql://db/jobs");

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> address.withProperties(Map.of("reWriteBatchedInserts", "true")));
    assertTrue(refused.getMessage().contains("reWriteBatchedInserts"), refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> address.withSchema("a; DROP TABLE fire"));
    assertThrows(IllegalArgumentException.class, () -> address.withSchema("pg_x"));
  }
}

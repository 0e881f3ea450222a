package dev.millrace.worker.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

  @Test
  void readsNamesAndAddresses() {
    assertEquals(new ListenAddress("0.0.0.0", 8080), ListenAddress.parse("0.0.0.0:8080"));
    assertEquals(new ListenAddress("localhost", 0), ListenAddress.parse("localhost:0"));
    assertEquals(new ListenAddress("::1", 8280), ListenAddress.parse("[::1]:8280"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:8280", "[::1]:8280", "localhost:0"})
  void writesWhatItReads(String text) {
    assertEquals(text, ListenAddress.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "8280", ":8280", "host:", "host:port", "host:65536", "host:-1", "::1:9"})
  void refusesWhatIsNoAddress(String text) {
    assertThrows(IllegalArgumentException.class, () -> ListenAddress.parse(text));
  }
}

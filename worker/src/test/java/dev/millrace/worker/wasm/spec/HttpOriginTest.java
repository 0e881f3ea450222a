package dev.millrace.worker.wasm.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpOriginTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.example.com,https,api.example.com,443,true",
    "https://API.example.com/,https,api.example.com,443,true",
    "https://api.example.com,http,api.example.com,443,false",
    "https://api.example.com,https,api.example.com,444,false",
    "https://api.example.com,https,api.example.com.evil.com,443,false",
    "https://api.example.com,https,x.api.example.com,443,false",
    "https://*.example.com,https,api.example.com,443,true",
    "https://*.example.com,https,a.b.example.com,443,true",
    "https://*.example.com,https,example.com,443,false",
    "https://*.example.com,https,evilexample.com,443,false",
    "http://localhost:8080,http,localhost,8080,true",
    "http://[::1]:8080,http,::1,8080,true",
    "http://10.0.0.1,http,10.0.0.1,80,true"
  })
  void covers(String origin, String scheme, String host, int port, boolean covered) {
    assertEquals(covered, HttpOrigin.parse(origin, false).covers(scheme, host, port));
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost,true",
    "http://127.0.0.1:80,true",
    "http://[::1],true",
    "http://localhost.example,false",
    "http://*.localhost,false",
    "http://10.example,false"
  })
  void onlyAnAddressItselfMayBePrivateWithoutASpecialGrant(String origin, boolean may) {
    assertEquals(may, HttpOrigin.parse(origin, false).mayBePrivate());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "https://*",
        "https://*.*.com",
        "https://a.*.com",
        "https://*a.com",
        "https://u:p@example.com",
        "https://example.com/path",
        "https://example.com?q",
        "https://example.com#f",
        "https://example.com:0",
        "https://example.com:65536",
        "https://2130706433",
        "https://127.1",
        "https://0x7f000001",
        "https://*.127.0.0.1",
        "https://exa mple.com",
        "https://"
      })
  void whatIsNoOriginIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> HttpOrigin.parse(text, false));
  }

  @Test
  void isWrittenAsInAManifest() {
    assertEquals("https://*.example.com", HttpOrigin.parse("https://*.Example.com:443", true) + "");
    assertEquals("http://h:8080", HttpOrigin.parse("http://h:8080/", false) + "");
  }
}

package dev.millrace.triggers.redis;

import java.nio.charset.StandardCharsets;

/** The source attribute of events: {@code redis:} and the name of the channel, stream or list. */
final class SourceName {

  private SourceName() {}

  static String of(String name) {
    return of(name.getBytes(StandardCharsets.UTF_8));
  }

  /** Exact for any name: bytes that may not stand in a URI are percent-encoded. */
  static String of(byte[] name) {
    StringBuilder source = new StringBuilder(6 + name.length).append("redis:");
    for (byte b : name) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "-._~:/@!$&'()*+,;=".indexOf(c) >= 0) {
        source.append(c);
      } else {
        source.append('%');
        source.append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        source.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return source.toString();
  }
}

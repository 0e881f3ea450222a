package dev.millrace.worker.http;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Which addresses are out on the internet. All others are refused to guests that were not granted
 * them: this machine, private and link-local networks (where clouds keep their metadata), shared
 * and benchmark networks, multicast, documentation and reserved ranges.
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IPv4 registry</a>
 * @see <a href="https://www.iana.org/assignments/iana-ipv6-special-registry">IPv6 registry</a>
 */
final class Addresses {

  /** First address and prefix length of each range that is not out there. */
  private static final Range[] SPECIAL_4 = {
    range(0, 0, 0, 8),
    range(10, 0, 0, 8),
    range(100, 64, 0, 10),
    range(127, 0, 0, 8),
    range(169, 254, 0, 16),
    range(172, 16, 0, 12),
    range(192, 0, 0, 24),
    range(192, 0, 2, 24),
    range(192, 88, 99, 24),
    range(192, 168, 0, 16),
    range(198, 18, 0, 15),
    range(198, 51, 100, 24),
    range(203, 0, 113, 24),
    range(224, 0, 0, 4),
    range(240, 0, 0, 4)
  };

  private record Range(int first, int bits) {
    boolean has(int address) {
      return (address ^ first) >>> (32 - bits) == 0;
    }
  }

  private Addresses() {}

  /** Whether an address is out on the internet. */
  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes, 0);
  }

  private static boolean isPublic4(byte[] bytes, int at) {
    int address =
        ((bytes[at] & 0xff) << 24)
            | ((bytes[at + 1] & 0xff) << 16)
            | ((bytes[at + 2] & 0xff) << 8)
            | (bytes[at + 3] & 0xff);
    for (Range range : SPECIAL_4) {
      if (range.has(address)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Only 2000::/3 is given out. Of that, what carries an IPv4 address (6to4, Teredo) and what is
   * for documentation is not.
   */
  private static boolean isPublic6(byte[] bytes) {
    int first = word(bytes, 0);
    int second = word(bytes, 2);
    if ((first & 0xe000) != 0x2000) {
      return isNat64(bytes) && isPublic4(bytes, 12);
    }
    boolean protocols = first == 0x2001 && second < 0x200; // Teredo, benchmarks, ORCHID
    boolean documentation =
        (first == 0x2001 && second == 0xdb8) || (first == 0x3fff && second < 0x1000);
    return !protocols && !documentation && first != 0x2002;
  }

  /** 64:ff9b::/96, by which a network without IPv4 reaches it. */
  private static boolean isNat64(byte[] bytes) {
    if (word(bytes, 0) != 0x64 || word(bytes, 2) != 0xff9b) {
      return false;
    }
    for (int i = 4; i < 12; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static int word(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  private static Range range(int first, int second, int third, int bits) {
    return new Range((first << 24) | (second << 16) | (third << 8), bits);
  }
}

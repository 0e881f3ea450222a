package dev.millrace.triggers.redis;

/** Names of our own keys that belong to a key of the user. */
final class Beside {

  private Beside() {}

  /**
   * A key in the same slot of a cluster as the given one: {@code {orders}:millrace:…}, or, where
   * the given one has a hash tag of its own, {@code {app}orders:millrace:…}.
   */
  static String key(String key, String suffix) {
    int open = key.indexOf('{');
    int close = open < 0 ? -1 : key.indexOf('}', open + 1);
    boolean tagged = close > open + 1;
    // A key with a stray closing brace cannot be put into braces: it works everywhere but in a
    // cluster, which refuses commands on it and ours with CROSSSLOT.
    return (tagged || key.indexOf('}') >= 0 ? key : "{" + key + "}") + ":millrace:" + suffix;
  }
}

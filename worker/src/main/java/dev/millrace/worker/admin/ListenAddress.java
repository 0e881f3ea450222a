package dev.millrace.worker.admin;

/**
 * Where the admin server listens.
 *
 * @param host a name or an address; loopback by default, since nothing here asks for a password
 * @param port 0 for any free port, else up to 65535
 */
public record ListenAddress(String host, int port) {

  /** Loopback, port 8280, as in the manifest. */
  public static final ListenAddress DEFAULT = new ListenAddress("127.0.0.1", 8280);

  public ListenAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the listen address has no host; write host:port");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("the listen port " + port + " is not in 0..65535");
    }
  }

  /**
   * Reads {@code host:port}, with an IPv6 address in brackets.
   *
   * @throws IllegalArgumentException if the text is not of that form
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || colon == text.length() - 1) {
      throw new IllegalArgumentException(
          "'" + text + "' is no listen address; write host:port, for example " + DEFAULT);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is no listen address; write an IPv6 address in brackets, [::1]:8280");
    }
    try {
      return new ListenAddress(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no listen address: its port is not a number", e);
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

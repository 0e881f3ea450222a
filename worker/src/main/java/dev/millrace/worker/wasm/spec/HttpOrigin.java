package dev.millrace.worker.wasm.spec;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a guest may send HTTP requests: a scheme, a host and a port.
 *
 * @param scheme {@code http} or {@code https}
 * @param host a name in lower case, or an address; an IPv6 address in brackets
 * @param port 1 to 65535
 * @param subdomains whether it stands for every name that ends in {@code .host} instead
 * @param privateToo whether the name may lead to an address of this machine or of a private
 *     network; one that is such an address itself, or {@code localhost}, may anyhow
 */
public record HttpOrigin(
    String scheme, String host, int port, boolean subdomains, boolean privateToo) {

  private static final String WILDCARD = "*.";
  private static final Pattern HOST =
      Pattern.compile("\\[[0-9A-Fa-f:.]+\\]|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_-]+)*");
  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+|0x[0-9a-f]*");
  private static final Pattern ADDRESS =
      Pattern.compile(
          "((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}|\\[[0-9A-Fa-f:.]+\\]");

  /**
   * Reads an origin such as {@code https://api.example.com}, {@code http://localhost:8080} or
   * {@code https://*.example.com}.
   *
   * @throws IllegalArgumentException with what is wrong with it and how to write it
   */
  public static HttpOrigin parse(String text, boolean privateToo) {
    int start = text.indexOf("://") + 3;
    boolean subdomains = start > 2 && text.startsWith(WILDCARD, start);
    String plain =
        subdomains ? text.substring(0, start) + text.substring(start + WILDCARD.length()) : text;
    URI uri;
    try {
      uri = new URI(plain);
    } catch (URISyntaxException e) {
      throw malformed(text);
    }
    String path = uri.getRawPath();
    if (uri.getScheme() == null
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || !(path == null || path.isEmpty() || path.equals("/"))) {
      throw malformed(text);
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    int port = port(uri, scheme);
    boolean address = ADDRESS.matcher(host).matches();
    if (!scheme.matches("https?")
        || port < 1
        || port > 65535
        || !HOST.matcher(host).matches()
        || (!address && NUMBERS.matcher(host).matches())
        || (subdomains && address)) {
      throw malformed(text);
    }
    return new HttpOrigin(scheme, host, port, subdomains, privateToo);
  }

  /**
   * Whether a URL with these parts leads here.
   *
   * @param givenHost in lower case; an IPv6 address with or without brackets
   */
  public boolean covers(String givenScheme, String givenHost, int givenPort) {
    String name =
        givenHost.indexOf(':') >= 0 && !givenHost.startsWith("[")
            ? "[" + givenHost + "]"
            : givenHost;
    return scheme.equals(givenScheme)
        && port == givenPort
        && (subdomains ? name.endsWith("." + host) : name.equals(host));
  }

  /** Whether addresses of this machine and of private networks are meant, or allowed. */
  public boolean mayBePrivate() {
    return privateToo
        || (!subdomains && (host.equals("localhost") || ADDRESS.matcher(host).matches()));
  }

  private static int port(URI url, String scheme) {
    return url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'"
            + text
            + "' is no origin; write a scheme, a host and a port if it is not the usual one, such"
            + " as https://api.example.com, http://localhost:8080 or https://*.example.com");
  }

  /** As a manifest has it. */
  @Override
  public String toString() {
    boolean usual = port == (scheme.equals("https") ? 443 : 80);
    return scheme + "://" + (subdomains ? WILDCARD : "") + host + (usual ? "" : ":" + port);
  }
}

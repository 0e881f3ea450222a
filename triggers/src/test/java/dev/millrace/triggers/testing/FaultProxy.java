package dev.millrace.triggers.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback interface that spoils connections when the test says so. Faults act
 * on the connections that are open when they begin; later ones pass, unless the proxy is {@link
 * #refuse refusing}, or waits for {@link #resetOn a text}. Safe for any thread.
 */
public final class FaultProxy implements AutoCloseable {

  private final InetSocketAddress target;
  private final ServerSocket server;
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable String> tripwire = new AtomicReference<>();
  private volatile boolean refusing;

  private FaultProxy(InetSocketAddress target, ServerSocket server) {
    this.target = target;
    this.server = server;
  }

  /** A proxy before a server of this machine. */
  public static FaultProxy before(int port) {
    try {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      FaultProxy proxy =
          new FaultProxy(new InetSocketAddress(loopback, port), new ServerSocket(0, 50, loopback));
      daemon("fault-proxy-accept", proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients connect instead. */
  public int port() {
    return server.getLocalPort();
  }

  /** How many connections are open. */
  public int openLinks() {
    return links.size();
  }

  /** Half-open: nothing is forwarded any more either way, and no socket is closed. */
  public void freeze() {
    links.forEach(link -> link.frozen = true);
  }

  /** Holds every piece of data back for this long, either way. */
  public void delay(Duration delay) {
    links.forEach(link -> link.delay = delay);
  }

  /** Forwards one byte at a time, with this pause after each, either way. */
  public void trickle(Duration pause) {
    links.forEach(link -> link.trickle = pause);
  }

  /** Ends the connections with a TCP reset towards both sides. */
  public void reset() {
    links.forEach(Link::reset);
  }

  /**
   * Resets the next connection over which somebody sends this text, before it arrives; acts once.
   *
   * @param text of ASCII characters that are sent in one piece
   */
  public void resetOn(String text) {
    tripwire.set(text);
  }

  /** Whether nothing is to be reset by {@link #resetOn}, any more or at all. */
  public boolean hasTripped() {
    return tripwire.get() == null;
  }

  private boolean trips(byte[] data, int count) {
    String text = tripwire.get();
    return text != null
        && new String(data, 0, count, StandardCharsets.ISO_8859_1).contains(text)
        && tripwire.compareAndSet(text, null);
  }

  /** From now on closes new connections at once, or no longer does. */
  public void refuse(boolean now) {
    refusing = now;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (refusing) {
          client.close();
          continue;
        }
        Socket upstream = new Socket();
        try {
          upstream.connect(target, 5_000);
        } catch (IOException e) {
          client.close();
          continue;
        }
        Link link = new Link(client, upstream);
        links.add(link);
        daemon("fault-proxy-up", () -> link.forward(client, upstream));
        daemon("fault-proxy-down", () -> link.forward(upstream, client));
      } catch (IOException e) {
        // The server socket is closed, or one client is gone already; the loop decides.
      }
    }
  }

  private static void daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** One client's connection and the one behind it. */
  private final class Link {
    private final Socket client;
    private final Socket upstream;
    private volatile boolean frozen;
    private volatile Duration delay = Duration.ZERO;
    private volatile Duration trickle = Duration.ZERO;

    Link(Socket client, Socket upstream) {
      this.client = client;
      this.upstream = upstream;
    }

    void forward(Socket from, Socket to) {
      byte[] buffer = new byte[16 * 1024];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          if (trips(buffer, count)) {
            reset();
            return;
          }
          for (int sent = 0; sent < count; ) {
            Thread.sleep(delay);
            while (frozen) {
              Thread.sleep(20);
            }
            Duration pause = trickle;
            int piece = pause.isZero() ? count - sent : 1;
            out.write(buffer, sent, piece);
            out.flush();
            sent += piece;
            Thread.sleep(pause);
          }
        }
      } catch (IOException e) {
        // One side is gone: so is the other, below.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      end();
    }

    void reset() {
      try {
        client.setSoLinger(true, 0);
        upstream.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already.
      }
      frozen = false;
      end();
    }

    private void end() {
      links.remove(this);
      try {
        client.close();
        upstream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

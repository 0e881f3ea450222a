package dev.millrace.worker.http;

import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Sends guests' requests by OkHttp, over HTTP/1.1 or 2. Its clients are made when first needed. */
public final class OkHttpGateway implements HttpGateway, AutoCloseable {

  /** How much later than a request's own timeout it is given up, whatever it does. */
  private static final Duration GRACE = Duration.ofMillis(200);

  private final Dns names;

  /** Guarded by this object. Reading the trusted certificates takes a while. */
  private @Nullable Clients clients;

  private OkHttpGateway(Dns names) {
    this.names = names;
  }

  /** A gateway that looks names up as this machine does. */
  public static OkHttpGateway open() {
    return new OkHttpGateway(Dns.SYSTEM);
  }

  /** A gateway that looks names up in another way. */
  static OkHttpGateway with(Dns names) {
    return new OkHttpGateway(names);
  }

  @Override
  public Answer send(Request asked) throws UnavailableException, InterruptedException {
    HttpUrl url = HttpUrl.parse(asked.url());
    if (url == null || !url.username().isEmpty() || !url.password().isEmpty()) {
      return new Invalid("the URL is none of http or https, or has a user or a password in it");
    }
    Exchange exchange = new Exchange(asked, url, clients());
    FutureTask<Answer> task = new FutureTask<>(exchange::run);
    Thread.ofVirtual().name("http").start(task);
    try {
      // A name that is looked up heeds neither the client's timeout nor an interrupt.
      return asked.timeout().isEmpty()
          ? task.get()
          : task.get(asked.timeout().get().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new UnavailableException(Exchange.place(url) + " did not answer: timeout", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnavailableException unavailable) {
        throw unavailable;
      }
      throw new UnavailableException("the HTTP client failed: " + e.getCause(), e.getCause());
    } finally {
      exchange.giveUp();
    }
  }

  @Override
  public synchronized void close() {
    if (clients != null) {
      clients.close();
    }
  }

  private synchronized Clients clients() {
    Clients made = clients;
    if (made == null) {
      made = Clients.of(names);
      clients = made;
    }
    return made;
  }
}

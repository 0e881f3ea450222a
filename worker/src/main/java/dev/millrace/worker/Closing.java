package dev.millrace.worker;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what was opened, the latest first; one that fails does not keep the others open. */
final class Closing implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private record Open(String name, AutoCloseable resource) {}

  private final ArrayDeque<Open> open = new ArrayDeque<>();

  /** Remembers a resource and returns it. */
  <T extends AutoCloseable> T add(String name, T resource) {
    open.push(new Open(name, resource));
    return resource;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      Open next = open.pop();
      try {
        next.resource.close();
      } catch (Exception e) {
        LOG.atError().setCause(e).addKeyValue("resource", next.name).log("closing failed");
      }
    }
  }
}

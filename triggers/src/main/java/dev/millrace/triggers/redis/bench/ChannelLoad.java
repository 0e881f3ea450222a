package dev.millrace.triggers.redis.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Publishes to one channel over a socket of its own, many commands in one write, so that the load
 * costs next to nothing beside what is measured. For one thread.
 */
public final class ChannelLoad implements AutoCloseable {

  private static final int AT_ONCE = 50;
  private static final long WINDOW_LOOK_NANOS = 100_000;

  private final Socket socket;
  private final byte[] replies = new byte[4096];
  private final byte[] commands;
  private final int commandBytes;
  private final int payloadAt;

  private ChannelLoad(Socket socket, byte[] command) {
    this.socket = socket;
    this.commandBytes = command.length;
    this.payloadAt = command.length - 2 - Payload.BYTES;
    this.commands = new byte[AT_ONCE * command.length];
    for (int i = 0; i < AT_ONCE; i++) {
      System.arraycopy(command, 0, commands, i * command.length, command.length);
    }
  }

  /** Connects to a server without a password. */
  public static ChannelLoad open(URI redis, String channel) throws IOException {
    Socket socket = new Socket(redis.getHost(), redis.getPort());
    socket.setTcpNoDelay(true);
    return new ChannelLoad(socket, command(channel));
  }

  private static byte[] command(String channel) throws IOException {
    byte[] name = channel.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream command = new ByteArrayOutputStream();
    command.writeBytes("*3\r\n$7\r\nPUBLISH\r\n$".getBytes(StandardCharsets.US_ASCII));
    command.writeBytes((name.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    command.writeBytes(name);
    command.writeBytes(("\r\n$" + Payload.BYTES + "\r\n").getBytes(StandardCharsets.US_ASCII));
    command.writeBytes(Payload.make());
    command.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    return command.toByteArray();
  }

  /**
   * Publishes as fast as it goes, but never more than a window ahead of what is done: a subscriber
   * that falls too far behind is cut off by the server.
   *
   * @param done how many events are done; only its increase counts
   */
  public void flood(int count, int window, LongSupplier done) throws IOException {
    long before = done.getAsLong();
    for (int sent = 0; sent < count; ) {
      int now = Math.min(AT_ONCE, count - sent);
      while (sent + now - (done.getAsLong() - before) > window) {
        LockSupport.parkNanos(WINDOW_LOOK_NANOS);
      }
      write(now);
      sent += now;
    }
  }

  /**
   * Publishes at a steady rate, whatever becomes of the messages. Each carries the time at which it
   * was to be published, which does not move if this thread comes late.
   *
   * @param perSecond at most a million
   */
  public void pace(int count, int perSecond) throws IOException {
    long start = System.nanoTime();
    long interval = 1_000_000_000L / perSecond;
    for (int sent = 0; sent < count; ) {
      long now = System.nanoTime();
      int due = (int) Math.min(count, (now - start) / interval + 1) - sent;
      if (due <= 0) {
        LockSupport.parkNanos(start + sent * interval - now);
        continue;
      }
      int batch = Math.min(AT_ONCE, due);
      for (int i = 0; i < batch; i++) {
        ByteBuffer.wrap(commands)
            .putLong(i * commandBytes + payloadAt, start + (sent + i) * interval);
      }
      write(batch);
      sent += batch;
    }
  }

  private void write(int batch) throws IOException {
    socket.getOutputStream().write(commands, 0, batch * commandBytes);
    InputStream answers = socket.getInputStream();
    while (answers.available() > 0 && answers.read(replies) > 0) {
      // how many heard it is known from what arrives
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package dev.millrace.worker.chaos;

import dev.millrace.triggers.local.LocalKafka;
import dev.millrace.triggers.testing.FaultProxy;
import dev.millrace.triggers.testing.KafkaBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/**
 * A Kafka broker of the test's own with two doors: the workers come through a proxy that spoils
 * their connections, the test itself comes straight in and sees what is true.
 */
final class ChaosBroker implements AutoCloseable {

  private static final String LOOPBACK = "127.0.0.1:";

  private final FaultProxy proxy;
  private final LocalKafka kafka;

  private ChaosBroker(FaultProxy proxy, LocalKafka kafka) {
    this.proxy = proxy;
    this.kafka = kafka;
  }

  static ChaosBroker start() throws IOException {
    int second = freePort();
    FaultProxy proxy = FaultProxy.before(second);
    String straight = "PLAINTEXT://" + LOOPBACK + "{port}";
    LocalKafka kafka =
        KafkaBroker.killable(
            Map.of(
                "listeners",
                straight
                    + (",PROXIED://" + LOOPBACK + second)
                    + (",CONTROLLER://" + LOOPBACK + "{controllerPort}"),
                "advertised.listeners",
                straight + ",PROXIED://" + LOOPBACK + proxy.port(),
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"));
    return new ChaosBroker(proxy, kafka);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Where the test connects. */
  String straight() {
    return kafka.bootstrap();
  }

  /** Where the workers connect. */
  String proxied() {
    return LOOPBACK + proxy.port();
  }

  FaultProxy proxy() {
    return proxy;
  }

  /** SIGKILL. */
  void kill() {
    kafka.kill();
  }

  /** Starts it again on its ports and data, and waits until it answers. */
  void restart() throws IOException {
    kafka.restart();
  }

  @Override
  public void close() {
    proxy.close();
    kafka.close();
  }
}

package dev.millrace.triggers.local;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * Asks a Kafka broker which requests it understands (ApiVersions, version 0, of the Kafka protocol
 * guide): the first request any client sends. Only a broker that serves requests answers it; an
 * open port alone says little, for the broker binds it early in its start.
 */
final class KafkaGreeting {

  private static final int TIMEOUT_MILLIS = 2_000;
  private static final short API_VERSIONS = 18;
  private static final int CORRELATION_ID = 7;

  private KafkaGreeting() {}

  /** Whether a broker answers at this address within two seconds. */
  static boolean isAnswered(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      DataOutputStream request = new DataOutputStream(socket.getOutputStream());
      request.writeInt(10); // the length of what follows
      request.writeShort(API_VERSIONS);
      request.writeShort(0); // the request's version
      request.writeInt(CORRELATION_ID);
      request.writeShort(-1); // no client id
      request.flush();
      DataInputStream reply = new DataInputStream(socket.getInputStream());
      int length = reply.readInt();
      return length >= 6 && reply.readInt() == CORRELATION_ID && reply.readShort() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}

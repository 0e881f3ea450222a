package dev.millrace.triggers.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class LocalRedisIT {

  @Test
  void answersOnAPortOfItsOwn() throws IOException {
    try (LocalRedis first = LocalRedis.start();
        LocalRedis second = LocalRedis.start()) {
      assertNotEquals(first.port(), second.port());
      assertEquals("+PONG", say(first.port(), "PING"));
      assertEquals("+PONG", say(second.port(), "PING"));
      assertEquals("redis://localhost:" + first.port(), first.url().toString());
    }
  }

  @Test
  void asksForItsPassword() throws IOException {
    String password = "a \"quoted\" \\ one@:/";
    try (LocalRedis redis =
        LocalRedis.start(LocalRedis.Options.defaults().withPassword(password))) {
      assertTrue(say(redis.port(), "PING").startsWith("-NOAUTH"));
      assertEquals(":" + password, redis.url().getUserInfo());
    }
  }

  @Test
  void forgetsWithoutAnAppendOnlyFileAndRemembersWithIt() throws IOException {
    try (LocalRedis forgetful = LocalRedis.start();
        LocalRedis durable = LocalRedis.start(LocalRedis.Options.defaults().withAppendOnly())) {
      for (LocalRedis redis : new LocalRedis[] {forgetful, durable}) {
        assertEquals("+OK", say(redis.port(), "SET k v"));
        redis.kill();
        assertFalse(redis.isRunning());
        redis.restart();
        assertTrue(redis.isRunning());
      }

      assertEquals("$-1", say(forgetful.port(), "GET k"));
      assertEquals("$1", say(durable.port(), "GET k"));
    }
  }

  @Test
  void isGoneAfterClose() {
    LocalRedis redis = LocalRedis.start();
    redis.close();

    assertFalse(redis.isRunning());
    assertFalse(answers(redis.port()));
    redis.close();
  }

  @Test
  void endsWithAJvmThatWasKilled() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StartAndWait.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int port;
    try (BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8)) {
      port = Integer.parseInt(out.readLine());
      assertTrue(answers(port));

      jvm.destroyForcibly().waitFor();
    }

    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !answers(port));
  }

  /** What runs in the JVM that is killed. */
  static final class StartAndWait {
    private StartAndWait() {}

    @SuppressWarnings("SystemOut") // the test reads the port there
    public static void main(String[] args) throws InterruptedException {
      System.out.println(LocalRedis.start().port());
      Thread.sleep(Duration.ofMinutes(10));
    }
  }

  private static boolean answers(int port) {
    try {
      return say(port, "PING").equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  /** Sends one inline command, and returns the first line of the answer. */
  private static String say(int port, String command) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String line = in.readLine();
      if (line == null) {
        throw new IOException("closed");
      }
      return line;
    }
  }
}

package dev.millrace.triggers.local;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKafkaTest {

  @Test
  void saysWhatFillsAMissingDirectoryOfJars(@TempDir Path directory) {
    IOException failure =
        assertThrows(IOException.class, () -> LocalKafka.start(directory.resolve("nowhere")));

    assertTrue(failure.getMessage().contains("triggers/kafka-broker"), failure.getMessage());
  }

  @Test
  void endsItsMessageWithTheLogOfABrokerThatDoesNotStart(@TempDir Path empty) {
    IOException failure = assertThrows(IOException.class, () -> LocalKafka.start(empty));

    assertTrue(failure.getMessage().contains("kafka.tools.StorageTool"), failure.getMessage());
  }
}

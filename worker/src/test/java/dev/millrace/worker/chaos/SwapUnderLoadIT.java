package dev.millrace.worker.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dev.FunctionWatcher;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody works on a function of a running worker: 50 versions of its module are written over each
 * other, in place and in two pieces, while 10,000 events arrive. The first piece alone is a module
 * that would run and answer without its marks. Uses a real Kafka.
 */
class SwapUnderLoadIT {

  private static final int SWAPS = 50;
  private static final int EVENTS_A_SWAP = 200;
  private static final int EVENTS = SWAPS * EVENTS_A_SWAP;
  private static final Duration LOOK = Duration.ofMillis(250);

  /** Shorter than the time between two looks, by more than a busy machine is late. */
  private static final Duration PAUSE = Duration.ofMillis(30);

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern ANSWER = Pattern.compile("v(\\d\\d)\\|(\\d+)\\|v(\\d\\d)");
  private static final Path SOURCE = Path.of("src", "test", "resources", "wasm", "marked.wasm");

  @TempDir private Path directory;

  private final List<String> said = new CopyOnWriteArrayList<>();

  @Test
  void losesNoEventAndRunsNoneOnAModuleThatIsHalfWritten() throws Exception {
    String bootstrap = KafkaBroker.bootstrap();
    ChaosTopics topics = ChaosTopics.create(bootstrap);
    Path module = directory.resolve("marked.wasm");
    Files.write(module, marked(0));
    topics.writeManifest(directory, bootstrap, module, "30s", "");
    Manifest manifest = manifest();
    int[] newestWhenSent = new int[EVENTS];
    SplittableRandom random = new SplittableRandom(7);
    Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT);
    try (worker;
        FunctionWatcher watcher =
            new FunctionWatcher(
                manifest, worker.functions(), EngineOptions.defaults(), LOOK, said::add);
        KafkaProducer<String, String> producer = producer(bootstrap)) {
      watcher.start();
      for (int swap = 1; swap <= SWAPS; swap++) {
        int first = (swap - 1) * EVENTS_A_SWAP;
        send(producer, topics.input(), first, EVENTS_A_SWAP / 2, newestWhenSent, swap - 1);
        // In step with the looks, none of them would ever see the first piece alone.
        Thread.sleep(random.nextLong(LOOK.toMillis()));
        write(module, swap, worker.functions().get("chaos"));
        send(
            producer,
            topics.input(),
            first + EVENTS_A_SWAP / 2,
            EVENTS_A_SWAP / 2,
            newestWhenSent,
            swap);
      }
      producer.flush();
      await().atMost(LIMIT).until(() -> worker.conservation("orders").succeeded() >= EVENTS);
    }

    assertEquals(EVENTS, worker.conservation("orders").received());
    assertTrue(worker.conservation("orders").holds());
    check(bootstrap, topics, newestWhenSent);
    assertEquals(SWAPS, said.stream().filter(line -> line.contains("is now version")).count());
  }

  private Manifest manifest() {
    ManifestResult result = ManifestReader.of(Map.of()).read(directory);
    return assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
  }

  /** The module with a mark of its own. */
  private static byte[] marked(int version) throws IOException {
    String mark = "v%02d".formatted(version);
    return new String(Files.readAllBytes(SOURCE), StandardCharsets.ISO_8859_1)
        .replace("v00|", mark + "|")
        .replace("|v00", "|" + mark)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Writes a version over the one before, up to its data section first; waits until it is live. */
  private static void write(Path module, int version, WasmFunction function) throws Exception {
    byte[] bytes = marked(version);
    int data = sectionAt(bytes, 11);
    String before = function.version();
    Files.write(module, Arrays.copyOf(bytes, data), StandardOpenOption.TRUNCATE_EXISTING);
    Thread.sleep(PAUSE);
    Files.write(module, Arrays.copyOfRange(bytes, data, bytes.length), StandardOpenOption.APPEND);
    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(LIMIT)
        .until(() -> !function.version().equals(before));
  }

  /** Where a section begins; sections here are shorter than 128 bytes. */
  private static int sectionAt(byte[] module, int id) {
    int at = 8;
    while (module[at] != id) {
      assertTrue(module[at + 1] >= 0, "a section of more than 127 bytes");
      at += 2 + module[at + 1];
    }
    return at;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // an event that is missing is noticed at the end
  private static void send(
      KafkaProducer<String, String> producer,
      String topic,
      int first,
      int count,
      int[] newestWhenSent,
      int newest) {
    for (int number = first; number < first + count; number++) {
      newestWhenSent[number] = newest;
      producer.send(new ProducerRecord<>(topic, "k" + number % 97, String.valueOf(number)));
    }
  }

  /** Every event has one answer, by one whole version that is as new as the newest one then. */
  private static void check(String bootstrap, ChaosTopics topics, int[] newestWhenSent) {
    BitSet answered = new BitSet();
    TreeSet<Integer> versions = new TreeSet<>();
    for (String answer : answers(bootstrap, topics)) {
      Matcher matcher = ANSWER.matcher(answer);
      assertTrue(matcher.matches(), "an answer of no whole version: " + answer);
      assertEquals(matcher.group(1), matcher.group(3), answer);
      int number = Integer.parseInt(matcher.group(2));
      int version = Integer.parseInt(matcher.group(1));
      assertTrue(
          version >= newestWhenSent[number],
          () -> answer + " although version " + newestWhenSent[number] + " was live before");
      assertTrue(!answered.get(number), "answered twice: " + number);
      answered.set(number);
      versions.add(version);
    }
    assertEquals(EVENTS, answered.cardinality());
    assertTrue(versions.size() > SWAPS / 2, "versions that ran: " + versions);
    assertEquals(SWAPS, versions.last());
  }

  private static List<String> answers(String bootstrap, ChaosTopics topics) {
    List<String> answers = new ArrayList<>();
    try (KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap),
            new StringDeserializer(),
            new StringDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int partition = 0; partition < ChaosTopics.PARTITIONS; partition++) {
        partitions.add(new TopicPartition(topics.effects(), partition));
      }
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> reader.position(each) < ends.get(each))) {
        for (ConsumerRecord<String, String> record : reader.poll(Duration.ofMillis(200))) {
          answers.add(record.value());
        }
      }
    }
    return answers;
  }

  private static KafkaProducer<String, String> producer(String bootstrap) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "linger.ms",
            1,
            // more than one can stall on a topic that is brand-new, and batches are lost then
            "max.in.flight.requests.per.connection",
            1),
        new StringSerializer(),
        new StringSerializer());
  }
}

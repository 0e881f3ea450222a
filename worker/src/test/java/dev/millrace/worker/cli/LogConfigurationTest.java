package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.DefaultJoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.status.Status;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogConfigurationTest {

  private final LoggerContext context = new LoggerContext();

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void writesOneReadableLineToStderrByDefault() throws Exception {
    configure(Map.of());

    assertEquals("System.err", console().getTarget());
    String line = line("connected", "trigger", "orders");
    assertTrue(line.contains("INFO"), line);
    assertTrue(line.endsWith("connected trigger=\"orders\"\n"), line);
    assertTrue(line("plain", null, null).endsWith("plain\n"));
  }

  @Test
  void writesOneJsonObjectALineOnRequest() throws Exception {
    configure(Map.of("MILLRACE_LOG_FORMAT", "json"));

    assertEquals("System.err", console().getTarget());
    JsonNode line = JsonMapper.shared().readTree(line("connected", "trigger", "orders"));
    assertEquals("connected", line.get("message").asString());
    assertEquals("INFO", line.get("level").asString());
    assertEquals("orders", line.get("kvpList").get(0).get("trigger").asString());
  }

  @Test
  void levelsAreSetApartForMillraceAndForLibraries() throws Exception {
    configure(Map.of("MILLRACE_LOG", "debug"));
    assertEquals(Level.DEBUG, context.getLogger("dev.millrace.worker").getEffectiveLevel());
    assertEquals(Level.WARN, context.getLogger("org.quartz.core").getEffectiveLevel());
    assertEquals(Level.WARN, context.getLogger("io.helidon").getEffectiveLevel());

    configure(Map.of("MILLRACE_LOG_LIBRARIES", "debug"));
    assertEquals(Level.INFO, context.getLogger("dev.millrace.worker").getEffectiveLevel());
    assertEquals(
        Level.DEBUG, context.getLogger("org.apache.kafka.clients.NetworkClient").getLevel());
  }

  @Test
  void doesNotRepeatWhatTheTriggersReportThemselves() throws Exception {
    configure(Map.of());

    assertFalse(context.getLogger("org.apache.kafka.clients.NetworkClient").isWarnEnabled());
  }

  @Test
  void saysWhichValueItCannotTake() {
    List<String> warnings =
        configureWithWarnings(
            Map.of(
                "MILLRACE_LOG", "loud",
                "MILLRACE_LOG_LIBRARIES", "quiet",
                "MILLRACE_LOG_FORMAT", "xml"));

    assertEquals(Level.INFO, context.getLogger("dev.millrace.worker").getEffectiveLevel());
    assertEquals(Level.WARN, context.getLogger("org.quartz").getEffectiveLevel());
    assertTrue(line("plain", null, null).endsWith("plain\n"));
    assertEquals(
        List.of(
            "MILLRACE_LOG_LIBRARIES is 'quiet'; it must be trace, debug, info, warn, error or off."
                + " Logging as usual",
            "MILLRACE_LOG is 'loud'; it must be trace, debug, info, warn, error or off. Logging info",
            "MILLRACE_LOG_FORMAT is 'xml'; it must be text or json. Logging text"),
        warnings);
  }

  @Test
  void logbackFindsItAfterFilesAndBeforeItsOwnDefault() {
    List<Configurator> found =
        ServiceLoader.load(Configurator.class).stream().map(ServiceLoader.Provider::get).toList();

    assertTrue(found.stream().anyMatch(LogConfiguration.class::isInstance), found.toString());
    int rank = LogConfiguration.class.getAnnotation(ConfiguratorRank.class).value();
    assertTrue(rank < DefaultJoranConfigurator.class.getAnnotation(ConfiguratorRank.class).value());
    assertTrue(rank > ConfiguratorRank.FALLBACK);
  }

  private void configure(Map<String, String> settings) {
    assertEquals(List.of(), configureWithWarnings(settings));
  }

  /** What logback would print to the console, with all it did, as soon as there is one of it. */
  private List<String> configureWithWarnings(Map<String, String> settings) {
    context.reset();
    context.getStatusManager().clear();
    if (context.getMDCAdapter() == null) {
      context.setMDCAdapter(new LogbackMDCAdapter());
    }
    settings.forEach(context::putProperty);
    LogConfiguration configuration = new LogConfiguration();
    configuration.setContext(context);
    configuration.configure(context);
    return context.getStatusManager().getCopyOfStatusList().stream()
        .filter(status -> status.getEffectiveLevel() >= Status.WARN)
        .map(Status::getMessage)
        .toList();
  }

  private ConsoleAppender<ILoggingEvent> console() {
    Iterator<Appender<ILoggingEvent>> appenders =
        context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders();
    return (ConsoleAppender<ILoggingEvent>) appenders.next();
  }

  private String line(String message, String key, String value) {
    Logger logger = context.getLogger("dev.millrace.worker.Worker");
    LoggingEvent event =
        new LoggingEvent("caller", logger, Level.INFO, message, null, new Object[0]);
    if (key != null) {
      event.addKeyValuePair(new KeyValuePair(key, value));
    }
    return new String(console().getEncoder().encode(event), StandardCharsets.UTF_8);
  }
}

package dev.millrace.worker.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.OptionHelper;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the process logs: to stderr, as stdout belongs to the data that a command prints. Logback
 * finds this class itself and asks it where there is neither a {@code logback.xml} on the class
 * path nor one named by {@code logback.configurationFile}. Code and not such a file, because
 * reading XML is a tenth of what a start costs the main thread.
 *
 * <p>Follows three settings, each a system property or an environment variable; the property wins:
 *
 * <ul>
 *   <li>{@code MILLRACE_LOG}: the level of Millrace itself: {@code trace}, {@code debug}, {@code
 *       info}, {@code warn}, {@code error}, {@code off}. Default {@code info}
 *   <li>{@code MILLRACE_LOG_LIBRARIES}: the level of everything else. Default {@code warn}
 *   <li>{@code MILLRACE_LOG_FORMAT}: {@code text}, or {@code json} for one object a line. Default
 *       {@code text}
 * </ul>
 */
@ConfiguratorRank(LogConfiguration.AFTER_FILES)
public final class LogConfiguration extends ContextAwareBase implements Configurator {

  /** Between logback's own ranks of a file that is found and of having none. */
  static final int AFTER_FILES = (ConfiguratorRank.NOMINAL + ConfiguratorRank.FALLBACK) / 2;

  private static final String PATTERN =
      "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{20} %msg%replace( %kvp){'^ $', ''}%n%ex";

  /** For logback, which makes one. */
  public LogConfiguration() {}

  @Override
  public ExecutionStatus configure(LoggerContext logs) {
    Optional<Level> libraries = level(logs, "MILLRACE_LOG_LIBRARIES", "as usual");
    logs.getLogger("dev.millrace").setLevel(level(logs, "MILLRACE_LOG", "info").orElse(Level.INFO));
    // A broker that is away is reported once by the trigger, not each second by its client.
    Level quiet = libraries.orElse(Level.ERROR);
    logs.getLogger("org.apache.kafka.clients.NetworkClient").setLevel(quiet);
    logs.getLogger("org.apache.kafka.clients.consumer.ConsumerConfig").setLevel(quiet);
    logs.getLogger("org.apache.kafka.clients.producer.ProducerConfig").setLevel(quiet);
    logs.getLogger("org.apache.kafka.common.utils.AppInfoParser").setLevel(quiet);
    // An address that is taken is an answer to the user, not a stack trace.
    logs.getLogger("io.helidon.webserver.LoomServer").setLevel(libraries.orElse(Level.OFF));

    Logger root = logs.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(libraries.orElse(Level.WARN));
    root.addAppender(stderr(logs));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private ConsoleAppender<ILoggingEvent> stderr(LoggerContext logs) {
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(logs);
    stderr.setName("stderr");
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder(logs));
    stderr.start();
    return stderr;
  }

  private Encoder<ILoggingEvent> encoder(LoggerContext logs) {
    String format = setting(logs, "MILLRACE_LOG_FORMAT");
    if (format != null && format.equalsIgnoreCase("json")) {
      JsonEncoder json = new JsonEncoder();
      json.setContext(logs);
      json.start();
      return json;
    }
    if (format != null && !format.equalsIgnoreCase("text")) {
      addWarn("MILLRACE_LOG_FORMAT is '" + format + "'; it must be text or json. Logging text");
    }
    PatternLayoutEncoder text = new PatternLayoutEncoder();
    text.setContext(logs);
    text.setPattern(PATTERN);
    text.start();
    return text;
  }

  /** The level that a setting names; none if there is no setting, or none of that name. */
  private Optional<Level> level(LoggerContext logs, String name, String otherwise) {
    String text = setting(logs, name);
    if (text == null) {
      return Optional.empty();
    }
    @Nullable Level level = Level.toLevel(text, null);
    if (level == null) {
      addWarn(
          name
              + " is '"
              + text
              + "'; it must be trace, debug, info, warn, error or off. Logging "
              + otherwise);
    }
    return Optional.ofNullable(level);
  }

  /** A property of the context, of the system, or of the environment; none if it is empty. */
  private static @Nullable String setting(LoggerContext logs, String name) {
    String own = logs.getProperty(name);
    String text = own != null ? own : OptionHelper.getSystemProperty(name, null);
    text = text != null ? text : OptionHelper.getEnv(name);
    return text == null || text.isBlank() ? null : text.strip();
  }
}

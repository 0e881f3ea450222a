package dev.millrace.worker.wasm;

import dev.millrace.worker.dispatch.Invocation;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the host functions of one slot work on: the invocation at hand and what the guest has made
 * of it so far. Host functions are linked once and find the current invocation here. During the
 * guest's initialization there is no invocation: nothing can be read but configuration, and nothing
 * written but the log.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class Call {

  /** Longest reason that is kept, in bytes. */
  static final int REASON_LIMIT_BYTES = 4096;

  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(365);

  private final FunctionSettings settings;
  private final HostAnswers answers;
  private final Output output;
  private final GuestLog log;
  private @Nullable Invocation invocation;
  private String reason = "";
  private @Nullable Duration retryAfter;
  private byte @Nullable [] attributes;
  private byte @Nullable [] headers;
  private int dataPosition;
  private byte[] @Nullable [] environment;
  private int openDescriptors;

  Call(FunctionSettings settings, HostAnswers answers) {
    this.settings = settings;
    this.answers = answers;
    this.output = new Output(settings.limits().outputBytes());
    this.log = new GuestLog(settings.limits().logBytes());
    begin(null);
  }

  /** Turns to another invocation, or to none. */
  void begin(@Nullable Invocation next) {
    invocation = next;
    reason = "";
    retryAfter = null;
    attributes = null;
    headers = null;
    dataPosition = 0;
    environment = null;
    openDescriptors = 0b111;
    output.clear();
    log.clear();
  }

  FunctionSettings settings() {
    return settings;
  }

  /** Time, random numbers, and what else comes from outside the sandbox. */
  HostAnswers answers() {
    return answers;
  }

  Output output() {
    return output;
  }

  GuestLog log() {
    return log;
  }

  @Nullable Invocation invocation() {
    return invocation;
  }

  byte @Nullable [] data() {
    return invocation == null ? null : invocation.event().data();
  }

  byte @Nullable [] key() {
    return invocation == null ? null : invocation.event().key();
  }

  @Nullable String attribute(String name) {
    return invocation == null ? null : EventAttributes.value(invocation, settings.name(), name);
  }

  /** All attributes in the form of {@link NameValues}; {@code null} without an invocation. */
  byte @Nullable [] attributes() {
    if (attributes == null && invocation != null) {
      attributes = NameValues.encodeAttributes(EventAttributes.all(invocation, settings.name()));
    }
    return attributes;
  }

  /** The headers in the form of {@link NameValues}; {@code null} without an invocation. */
  byte @Nullable [] headers() {
    if (headers == null && invocation != null) {
      headers = NameValues.encodeHeaders(invocation.event().headers());
    }
    return headers;
  }

  /** The environment of a WASI program, one {@code NAME=value} and a NUL each. */
  byte[][] environment() {
    if (environment == null) {
      environment = settings.environment().of(invocation);
    }
    return environment;
  }

  /** How much of the data the guest has read from its standard input. */
  int dataPosition() {
    return dataPosition;
  }

  void advanceData(int bytes) {
    dataPosition += bytes;
  }

  /** Whether a standard stream is open. */
  boolean isOpen(int descriptor) {
    return descriptor >= 0 && descriptor <= 2 && (openDescriptors & (1 << descriptor)) != 0;
  }

  void closeDescriptor(int descriptor) {
    openDescriptors &= ~(1 << descriptor);
  }

  String reason() {
    return reason;
  }

  void reason(String said) {
    reason = said;
  }

  Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  void retryAfterMillis(long millis) {
    long longest = LONGEST_RETRY_AFTER.toMillis();
    retryAfter = Duration.ofMillis(Math.clamp(millis, 0, longest));
  }
}

package dev.millrace.worker.wasm.host;

import static dev.millrace.abi.GuestAbi.DENIED;
import static dev.millrace.abi.GuestAbi.INVALID;
import static dev.millrace.abi.GuestAbi.MODULE;
import static dev.millrace.abi.GuestAbi.TOO_LARGE;

import dev.millrace.abi.GuestAbi;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.worker.dispatch.Invocation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The import module {@code millrace}, as {@code docs/abi.md} describes it. */
public final class MillraceImports {

  private static final int OK = 0;
  private static final int NONE = -1;

  /** The longest time that a claim is remembered, in milliseconds: a year. */
  private static final long ONCE_LONGEST = Duration.ofDays(365).toMillis();

  private MillraceImports() {}

  /** All functions of the module {@code millrace}. */
  public static List<HostImport> all() {
    return Stream.of(
            own(),
            KeyValueImports.all(),
            HttpImports.all(),
            AnswerImports.all(),
            HeartbeatImport.all(),
            LogFields.all())
        .flatMap(List::stream)
        .toList();
  }

  private static List<HostImport> own() {
    return List.of(
        HostImport.of(MODULE, "data_read", "iii:i", MillraceImports::dataRead),
        HostImport.of(MODULE, "attribute_read", "iiii:i", MillraceImports::attributeRead),
        HostImport.of(
            MODULE, "attributes_read", "ii:i", (c, m, a) -> copy(m, a, 0, c.attributes())),
        HostImport.of(MODULE, "key_read", "ii:i", (c, m, a) -> copy(m, a, 0, c.key())),
        HostImport.of(MODULE, "headers_read", "ii:i", (c, m, a) -> copy(m, a, 0, c.headers())),
        HostImport.of(MODULE, "config_read", "iiii:i", MillraceImports::configRead),
        HostImport.of(MODULE, "reply_write", "ii:i", MillraceImports::replyWrite),
        HostImport.of(MODULE, "reason_write", "ii:i", MillraceImports::reasonWrite),
        HostImport.of(MODULE, "retry_after", "l:", MillraceImports::retryAfter),
        HostImport.of(MODULE, "publish", "iiiiiiii:i", MillraceImports::publish),
        HostImport.of(MODULE, "log", "iii:", MillraceImports::log),
        HostImport.of(MODULE, "deadline_ms", ":l", MillraceImports::deadlineMillis),
        HostImport.of(MODULE, "once", "iil:i", MillraceImports::once),
        HostImport.of(
            MODULE,
            "script_read",
            "iii:i",
            (c, m, a) -> m.copy((int) a[0], (int) a[1], (int) a[2], c.settings().script())));
  }

  private static long dataRead(Call call, GuestMemory memory, long[] args) {
    return memory.copy((int) args[0], (int) args[1], (int) args[2], call.data());
  }

  private static long attributeRead(Call call, GuestMemory memory, long[] args) {
    String name = memory.readText((int) args[0], (int) args[1]);
    String value = name == null ? null : call.attribute(name);
    return copy(memory, args, 2, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  private static long configRead(Call call, GuestMemory memory, long[] args) {
    String name = memory.readText((int) args[0], (int) args[1]);
    return copy(memory, args, 2, name == null ? null : call.settings().config().get(name));
  }

  private static long replyWrite(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[0];
    int length = (int) args[1];
    memory.check(pointer, length);
    if (call.invocation() == null) {
      return DENIED;
    }
    if (!call.output().fits(length)) {
      return TOO_LARGE;
    }
    call.output().append(memory.read(pointer, length));
    return OK;
  }

  private static long reasonWrite(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[0];
    int length = (int) args[1];
    memory.check(pointer, length);
    if (call.invocation() == null) {
      return DENIED;
    }
    if (length > Call.REASON_LIMIT_BYTES) {
      return TOO_LARGE;
    }
    String reason = memory.readText(pointer, length);
    if (reason == null) {
      return INVALID;
    }
    call.reason(reason);
    return OK;
  }

  private static long retryAfter(Call call, GuestMemory memory, long[] args) {
    call.retryAfterMillis(args[0]);
    return OK;
  }

  private static long publish(Call call, GuestMemory memory, long[] args) {
    int toPointer = (int) args[0];
    int toLength = (int) args[1];
    int keyPointer = (int) args[2];
    int keyLength = (int) args[3];
    int headersPointer = (int) args[4];
    int headersLength = (int) args[5];
    int dataPointer = (int) args[6];
    int dataLength = (int) args[7];
    memory.check(toPointer, toLength);
    memory.check(keyPointer, present(keyLength));
    memory.check(headersPointer, headersLength);
    memory.check(dataPointer, present(dataLength));
    if (call.invocation() == null) {
      return DENIED;
    }
    if (toLength == 0 || toLength > Call.REASON_LIMIT_BYTES) {
      return INVALID;
    }
    String to = memory.readText(toPointer, toLength);
    if (to == null) {
      return INVALID;
    }
    if (!call.settings().mayPublishTo(to)) {
      call.log()
          .line(
              "WARN publish to '" + to + "' denied; grant it in the manifest under allow.publish");
      return DENIED;
    }
    long charge =
        (long) Output.MESSAGE_OVERHEAD_BYTES
            + present(keyLength)
            + headersLength
            + present(dataLength);
    if (!call.output().fits(charge)) {
      return TOO_LARGE;
    }
    Optional<List<Header>> headers =
        headersLength == 0
            ? Optional.of(List.of())
            : NameValues.decodeHeaders(memory.read(headersPointer, headersLength));
    if (headers.isEmpty()) {
      return INVALID;
    }
    byte[] key = optional(memory, keyPointer, keyLength);
    byte[] data = optional(memory, dataPointer, dataLength);
    call.output().publish(new Message(to, key, headers.get(), data), charge);
    return OK;
  }

  private static long once(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[0];
    int length = (int) args[1];
    memory.check(pointer, length);
    Invocation running = call.invocation();
    if (running == null) {
      return DENIED;
    }
    if (!call.settings().mayClaim()) {
      call.log().line("WARN once denied; grant it in the manifest: allow: { once: true }");
      return DENIED;
    }
    if (length > Call.ONCE_KEY_LIMIT_BYTES || !call.mayClaimMore()) {
      return TOO_LARGE;
    }
    String key = memory.readText(pointer, length);
    long millis = args[2];
    if (key == null || key.isEmpty() || millis <= 0) {
      return INVALID;
    }
    return switch (call.once(running, key, Duration.ofMillis(Math.min(millis, ONCE_LONGEST)))) {
      case DONE -> GuestAbi.ONCE_DONE;
      case FIRST -> GuestAbi.ONCE_FIRST;
      case BUSY -> GuestAbi.ONCE_BUSY;
    };
  }

  private static long log(Call call, GuestMemory memory, long[] args) {
    String level = level((int) args[0]);
    byte[] text = memory.read((int) args[1], (int) args[2]);
    GuestLog log = call.log();
    log.write(level.getBytes(StandardCharsets.US_ASCII));
    log.write(text);
    log.write(new byte[] {'\n'});
    return OK;
  }

  /** How a line of a level begins. */
  static String level(int number) {
    return switch (number) {
      case GuestAbi.LOG_DEBUG -> "DEBUG ";
      case GuestAbi.LOG_WARN -> "WARN ";
      case GuestAbi.LOG_ERROR -> "ERROR ";
      default -> "INFO ";
    };
  }

  private static long deadlineMillis(Call call, GuestMemory memory, long[] args) {
    return call.answers().remainingMillis();
  }

  /** Copies what fits of {@code value} to where two arguments say; answers its whole size. */
  private static long copy(GuestMemory memory, long[] args, int first, byte @Nullable [] value) {
    return memory.copy((int) args[first], (int) args[first + 1], 0, value);
  }

  private static int present(int length) {
    return length == NONE ? 0 : length;
  }

  private static byte @Nullable [] optional(GuestMemory memory, int pointer, int length) {
    return length == NONE ? null : memory.read(pointer, length);
  }
}

package dev.millrace.worker.wasm.host;

import static dev.millrace.abi.GuestAbi.INVALID;
import static dev.millrace.abi.GuestAbi.MODULE;
import static dev.millrace.abi.GuestAbi.TOO_LARGE;

import dev.millrace.abi.Header;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A log line with fields: the message, then {@code name=value} for each. A value that is not a
 * plain word is quoted, with backslashes before quotes and backslashes and for line ends, so that a
 * field never makes a line of its own.
 */
public final class LogFields {

  /** Most that a line's message and its list of fields may each have, in bytes. */
  public static final int LIMIT_BYTES = 16 << 10;

  private static final Pattern PLAIN = Pattern.compile("[^\\s\"=\\\\\\p{Cntrl}]+");

  private LogFields() {}

  static List<HostImport> all() {
    return List.of(HostImport.of(MODULE, "log_fields", "iiiii:i", LogFields::log));
  }

  private static long log(Call call, GuestMemory memory, long[] args) {
    int length = (int) args[2];
    int fieldsLength = (int) args[4];
    memory.check((int) args[1], length);
    memory.check((int) args[3], fieldsLength);
    if (length > LIMIT_BYTES || fieldsLength > LIMIT_BYTES) {
      return TOO_LARGE;
    }
    String message = memory.readText((int) args[1], length);
    Optional<List<Header>> fields =
        fieldsLength == 0
            ? Optional.of(List.of())
            : NameValues.decodeHeaders(memory.read((int) args[3], fieldsLength));
    if (message == null || fields.isEmpty()) {
      return INVALID;
    }
    StringBuilder line = new StringBuilder(MillraceImports.level((int) args[0]));
    line.append(message.replace("\n", "\\n"));
    for (Header field : fields.get()) {
      byte[] value = field.value();
      line.append(' ').append(word(field.name())).append('=');
      if (value != null) {
        line.append(word(new String(value, StandardCharsets.UTF_8)));
      }
    }
    call.log().line(line.toString());
    return 0;
  }

  private static String word(String text) {
    if (PLAIN.matcher(text).matches()) {
      return text;
    }
    String escaped =
        text.replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
            .replaceAll("\\p{Cntrl}", "\uFFFD");
    return '"' + escaped + '"';
  }
}

package dev.millrace.abi;

import java.util.Locale;

/**
 * Names and numbers of the guest ABIs {@code command} and {@code millrace}; {@code docs/abi.md}
 * describes them for guests.
 */
public final class GuestAbi {

  /** The import module of the {@code millrace} ABI. */
  public static final String MODULE = "millrace";

  /** The export that handles one event: {@code () -> i32}, one of the {@code HANDLE_} codes. */
  public static final String HANDLE = "handle";

  public static final int HANDLE_DONE = 0;
  public static final int HANDLE_RETRY = 1;
  public static final int HANDLE_REJECT = 2;

  /**
   * A read of something that does not exist: no data, no such attribute, no such configuration key.
   */
  public static final int ABSENT = -1;

  /** A write that a grant does not cover. */
  public static final int DENIED = -2;

  /** A write that would exceed a limit. */
  public static final int TOO_LARGE = -3;

  /**
   * An argument that is not valid: text that is not UTF-8, an unknown destination, a malformed
   * header list.
   */
  public static final int INVALID = -4;

  /** The other side did not answer: it is away or too slow. */
  public static final int UNAVAILABLE = -5;

  /** What {@code once} answers: the key was done before, the event does it, another is at it. */
  public static final int ONCE_DONE = 0;

  public static final int ONCE_FIRST = 1;
  public static final int ONCE_BUSY = 2;

  /** Log levels of {@code log(level, ptr, len)}. */
  public static final int LOG_DEBUG = 0;

  public static final int LOG_INFO = 1;
  public static final int LOG_WARN = 2;
  public static final int LOG_ERROR = 3;

  /** Exit codes of the {@code command} ABI, from {@code sysexits.h}: EX_DATAERR and EX_TEMPFAIL. */
  public static final int EXIT_DONE = 0;

  public static final int EXIT_REJECT = 65;
  public static final int EXIT_RETRY = 75;

  /**
   * The prefix of the environment variables in which a {@code command} guest finds the event's
   * attributes.
   */
  public static final String ENV_PREFIX = "MILLRACE_";

  private GuestAbi() {}

  /**
   * The environment variable for an attribute: {@code kafkatopic} is {@code MILLRACE_KAFKATOPIC}.
   */
  public static String environmentName(String attribute) {
    return ENV_PREFIX + attribute.toUpperCase(Locale.ROOT);
  }
}

package dev.millrace.worker.wasm.host;

import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one invocation has answered and published so far, within {@code limits.output}.
 *
 * <p>Confined to the thread that runs the guest.
 */
public final class Output {

  /** What a message counts for beside its bytes, so that empty ones are not free. */
  public static final int MESSAGE_OVERHEAD_BYTES = 64;

  private static final byte[] NOTHING = new byte[0];

  private final int limit;
  private byte[] reply = NOTHING;
  private int replySize;
  private boolean replied;
  private List<Header> replyHeaders = List.of();
  private final List<Message> publishes = new ArrayList<>();
  private long used;
  private boolean exceeded;

  Output(int limitBytes) {
    this.limit = limitBytes;
  }

  /** Whether so many more bytes fit; remembers it if they do not. */
  public boolean fits(long bytes) {
    if (used + bytes > limit) {
      exceeded = true;
      return false;
    }
    return true;
  }

  /** Adds to the reply; the caller has asked {@link #fits}. The bytes become this object's. */
  public void append(byte[] bytes) {
    replied = true;
    used += bytes.length;
    if (replySize == 0) {
      reply = bytes;
    } else {
      if (replySize + bytes.length > reply.length) {
        reply =
            Arrays.copyOf(
                reply,
                (int) Math.min(limit, Math.max(replySize + bytes.length, 2L * reply.length)));
      }
      System.arraycopy(bytes, 0, reply, replySize, bytes.length);
    }
    replySize += bytes.length;
  }

  /** Makes this the reply, with headers; answers false, and keeps nothing, if it does not fit. */
  public boolean reply(byte[] bytes, List<Header> headers) {
    long charge = bytes.length;
    for (Header header : headers) {
      byte[] value = header.value();
      charge += header.name().length() + (value == null ? 0 : value.length);
    }
    if (!fits(charge)) {
      return false;
    }
    append(bytes);
    used += charge - bytes.length;
    replyHeaders = List.copyOf(headers);
    return true;
  }

  /** Adds a message; the caller has asked {@link #fits} for {@code charge}. */
  public void publish(Message message, long charge) {
    used += charge;
    publishes.add(message);
  }

  /** Whether anything did not fit. */
  public boolean exceeded() {
    return exceeded;
  }

  /** The reply, {@code null} if the guest wrote none. */
  public byte @Nullable [] reply() {
    if (!replied) {
      return null;
    }
    return replySize == reply.length ? reply : Arrays.copyOf(reply, replySize);
  }

  /** The headers that go with the reply. */
  public List<Header> replyHeaders() {
    return replyHeaders;
  }

  /** What the guest has published, in its order. */
  public List<Message> publishes() {
    return publishes.isEmpty() ? List.of() : List.copyOf(publishes);
  }

  void clear() {
    reply = NOTHING;
    replySize = 0;
    replied = false;
    replyHeaders = List.of();
    publishes.clear();
    used = 0;
    exceeded = false;
  }
}

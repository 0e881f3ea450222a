package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One element of a list, as an event.
 *
 * <p>A list numbers nothing. The id is made of the element itself, the first half of its SHA-256:
 * it is the same however often the element comes again, and equal elements have equal ids. The
 * receipt tells them apart.
 */
final class ListEvent implements Event {

  static final String TYPE = "dev.millrace.redis.element";

  private static final int DIGEST_BYTES = 16;

  private final String list;
  private final byte[] data;
  private final Instant time;
  private final String receipt;
  private final String digest;

  /**
   * An element.
   *
   * @param time when it was taken
   * @param receipt what no other element that was ever taken has
   */
  ListEvent(String list, byte[] data, Instant time, String receipt) {
    this.list = list;
    this.data = data;
    this.time = time;
    this.receipt = receipt;
    this.digest = digest(data);
  }

  private static String digest(byte[] data) {
    try {
      byte[] whole = MessageDigest.getInstance("SHA-256").digest(data);
      return HexFormat.of().formatHex(Arrays.copyOf(whole, DIGEST_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String id() {
    return source() + ":" + digest;
  }

  @Override
  public String receipt() {
    return source() + ":" + receipt;
  }

  @Override
  public String source() {
    return SourceName.of(list);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Optional<String> subject() {
    return Optional.empty();
  }

  @Override
  public Instant time() {
    return time;
  }

  @Override
  public Optional<String> dataContentType() {
    return Optional.empty();
  }

  @Override
  public Optional<String> dataSchema() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> extensions() {
    return Map.of("redislist", list, RECEIPT, receipt());
  }

  @Override
  public byte @Nullable [] key() {
    return null;
  }

  @Override
  public List<Header> headers() {
    return List.of();
  }

  @Override
  public byte[] data() {
    return data;
  }

  @Override
  public String toString() {
    return receipt();
  }
}

package dev.millrace.worker.wasm.host;

import static dev.millrace.abi.GuestAbi.ABSENT;
import static dev.millrace.abi.GuestAbi.DENIED;
import static dev.millrace.abi.GuestAbi.INVALID;
import static dev.millrace.abi.GuestAbi.MODULE;
import static dev.millrace.abi.GuestAbi.TOO_LARGE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The key-value stores of the import module {@code millrace}. The first four arguments of each
 * function are pointer and length of a store's name and of a key.
 */
public final class KeyValueImports {

  /** Longest key, in bytes. */
  static final int KEY_LIMIT_BYTES = 512;

  /** Largest value, in bytes. */
  public static final int VALUE_LIMIT_BYTES = 1 << 20;

  private static final int NONE = -1;
  private static final int NAME_LIMIT_BYTES = 512;
  private static final int FIRST = 4;

  /** Longer times to live are cut to this: a hundred years, in milliseconds. */
  private static final long LONGEST = Duration.ofDays(36_500).toMillis();

  private KeyValueImports() {}

  static List<HostImport> all() {
    return List.of(
        HostImport.of(MODULE, "kv_get", "iiii:i", KeyValueImports::get),
        HostImport.of(MODULE, "kv_set", "iiiiiil:i", KeyValueImports::set),
        HostImport.of(MODULE, "kv_delete", "iiii:i", KeyValueImports::delete),
        HostImport.of(MODULE, "kv_compare_and_set", "iiiiiiiil:i", KeyValueImports::compareAndSet),
        HostImport.of(MODULE, "kv_increment", "iiiilli:i", KeyValueImports::increment));
  }

  private static long get(Call call, GuestMemory memory, long[] args) {
    Place place = Place.read(call, memory, args);
    return place.wrong() != 0
        ? place.wrong()
        : call.ask(
            "kv_get",
            () -> {
              byte[] value = store(call, place).get(place.key());
              return value == null ? OutsideAnswer.of(ABSENT) : OutsideAnswer.value(value);
            });
  }

  private static long set(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[FIRST];
    int length = (int) args[FIRST + 1];
    memory.check(pointer, length);
    Place place = Place.read(call, memory, args);
    int wrong = place.wrong() != 0 ? place.wrong() : wrong(length, args[FIRST + 2]);
    if (wrong != 0) {
      return wrong;
    }
    byte[] value = memory.read(pointer, length);
    Duration timeToLive = timeToLive(args[FIRST + 2]);
    return call.ask(
        "kv_set",
        () -> {
          store(call, place).set(place.key(), value, timeToLive);
          return OutsideAnswer.of(0);
        });
  }

  private static long delete(Call call, GuestMemory memory, long[] args) {
    Place place = Place.read(call, memory, args);
    return place.wrong() != 0
        ? place.wrong()
        : call.ask("kv_delete", () -> truth(store(call, place).delete(place.key())));
  }

  private static long compareAndSet(Call call, GuestMemory memory, long[] args) {
    int expectedPointer = (int) args[FIRST];
    int expectedLength = (int) args[FIRST + 1];
    int pointer = (int) args[FIRST + 2];
    int length = (int) args[FIRST + 3];
    long ttl = args[FIRST + 4];
    memory.check(expectedPointer, present(expectedLength));
    memory.check(pointer, present(length));
    Place place = Place.read(call, memory, args);
    int wrong = place.wrong() != 0 ? place.wrong() : wrong(present(length), ttl);
    if (wrong == 0 && present(expectedLength) > VALUE_LIMIT_BYTES) {
      wrong = TOO_LARGE;
    }
    if (wrong != 0) {
      return wrong;
    }
    byte[] expected = optional(memory, expectedPointer, expectedLength);
    byte[] value = optional(memory, pointer, length);
    Duration timeToLive = timeToLive(ttl);
    return call.ask(
        "kv_compare_and_set",
        () -> truth(store(call, place).compareAndSet(place.key(), expected, value, timeToLive)));
  }

  private static long increment(Call call, GuestMemory memory, long[] args) {
    long delta = args[FIRST];
    long ttl = args[FIRST + 1];
    int target = (int) args[FIRST + 2];
    memory.check(target, Long.BYTES);
    Place place = Place.read(call, memory, args);
    int wrong = place.wrong() != 0 ? place.wrong() : wrong(0, ttl);
    if (wrong != 0) {
      return wrong;
    }
    Duration timeToLive = timeToLive(ttl);
    int result =
        call.ask(
            "kv_increment",
            () -> {
              OptionalLong sum = store(call, place).increment(place.key(), delta, timeToLive);
              return sum.isEmpty()
                  ? OutsideAnswer.failed(INVALID, "the value of the key is no number that fits")
                  : new OutsideAnswer(0, null, number(sum.getAsLong()));
            });
    byte[] sum = result == 0 ? call.takeAnswer() : null;
    if (sum != null) {
      memory.write(target, sum, 0, Math.min(sum.length, Long.BYTES));
    }
    return result;
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static OutsideAnswer truth(boolean done) {
    return OutsideAnswer.of(done ? 1 : 0);
  }

  private static KeyValues store(Call call, Place place) throws UnavailableException {
    KeyValues store = call.outside().keyValues().get(place.store());
    if (store == null) {
      throw new UnavailableException("there is no key-value store '" + place.store() + "' here");
    }
    return store;
  }

  /** What is wrong with a value's length and its time to live, 0 for nothing. */
  private static int wrong(int length, long ttl) {
    if (length > VALUE_LIMIT_BYTES) {
      return TOO_LARGE;
    }
    return ttl < 0 ? INVALID : 0;
  }

  private static Duration timeToLive(long millis) {
    return millis == 0 ? KeyValues.FOR_EVER : Duration.ofMillis(Math.min(millis, LONGEST));
  }

  private static int present(int length) {
    return length == NONE ? 0 : length;
  }

  private static byte @Nullable [] optional(GuestMemory memory, int pointer, int length) {
    return length == NONE ? null : memory.read(pointer, length);
  }

  /**
   * Which key of which store.
   *
   * @param wrong what the call answers instead of asking the store; 0 if it may ask
   */
  private record Place(String store, String key, int wrong) {

    static Place read(Call call, GuestMemory memory, long[] args) {
      int storeLength = (int) args[1];
      int keyLength = (int) args[3];
      memory.check((int) args[0], storeLength);
      memory.check((int) args[2], keyLength);
      if (call.invocation() == null) {
        return wrong(DENIED);
      }
      if (storeLength > NAME_LIMIT_BYTES) {
        return wrong(DENIED);
      }
      String store = memory.readText((int) args[0], storeLength);
      if (store == null) {
        return wrong(INVALID);
      }
      if (!call.settings().mayUseStore(store)) {
        call.log().line("WARN kv '" + store + "' denied; grant it in the manifest under allow.kv");
        return wrong(DENIED);
      }
      if (keyLength > KEY_LIMIT_BYTES) {
        return wrong(TOO_LARGE);
      }
      String key = memory.readText((int) args[2], keyLength);
      return key == null || key.isEmpty() ? wrong(INVALID) : new Place(store, key, 0);
    }

    private static Place wrong(int answer) {
      return new Place("", "", answer);
    }
  }
}

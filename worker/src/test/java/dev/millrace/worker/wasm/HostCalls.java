package dev.millrace.worker.wasm;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.module.ModuleShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/**
 * Builds the data of the guest {@code host-calls}: which host function it calls, with which
 * arguments. Its layout is described in {@code host-calls.wat}.
 */
final class HostCalls {

  /** Where the guest can be asked to write; its answer carries 2048 bytes from here. */
  static final int OUT = 16384;

  /** What the i32 here says is what {@code handle} answers. */
  static final int ANSWER = 1020;

  private static final int DATA = 1024;
  private static final int CALL_BYTES = 80;

  private final List<String> functions;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private int lastCall = -1;

  private HostCalls(List<String> functions) {
    this.functions = functions;
  }

  /** For the guest in a file: the order of its imports is the order of its functions. */
  static HostCalls of(Engine engine) {
    return new HostCalls(
        engine.inspect(Guests.spec("host-calls")).imports().stream()
            .map(ModuleShape.Import::name)
            .toList());
  }

  /** Adds bytes that arguments can point at, before the first call; answers where they will be. */
  int bytes(byte[] bytes) {
    Assertions.assertEquals(-1, lastCall, "bytes come before calls");
    if (data.size() == 0) {
      data.writeBytes(new byte[CALL_BYTES]);
    }
    int pointer = DATA + data.size();
    data.writeBytes(bytes);
    return pointer;
  }

  int text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a call. The first one takes its place at the beginning. */
  HostCalls call(String function, long... arguments) {
    int index = functions.indexOf(function);
    Assertions.assertTrue(index >= 0, function);
    ByteBuffer call = ByteBuffer.allocate(CALL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    call.putInt(index).putInt(0);
    Arrays.stream(arguments).forEach(call::putLong);
    byte[] all = data.toByteArray();
    data.reset();
    try {
      if (lastCall < 0) {
        data.write(call.array());
        data.write(all, Math.min(all.length, CALL_BYTES), Math.max(0, all.length - CALL_BYTES));
        lastCall = 0;
      } else {
        ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(lastCall + 4, all.length);
        data.write(all);
        lastCall = all.length;
        data.write(call.array());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  byte[] data() {
    return data.toByteArray();
  }

  Invocation event() {
    return Guests.event(DetachedEvent.of("id-1", "test:source", "test.type", Guests.NOON, data()));
  }

  /** What the guest answers: the last call's result and the bytes at {@link #OUT}. */
  record Answer(long result, byte[] out) {
    static Answer of(Invocation.Result result) {
      ByteBuffer reply = ByteBuffer.wrap(Guests.replyBytes(result)).order(ByteOrder.LITTLE_ENDIAN);
      long value = reply.getLong();
      byte[] out = new byte[reply.remaining()];
      reply.get(out);
      return new Answer(value, out);
    }

    String text(int from, int length) {
      return new String(out, from, length, StandardCharsets.UTF_8);
    }

    int intAt(int at) {
      return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }

    long longAt(int at) {
      return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
    }
  }
}

package dev.millrace.worker.wasm.wasi;

import dev.millrace.worker.wasm.deadline.Interruption;
import dev.millrace.worker.wasm.files.Errno;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestMemory;
import java.time.Duration;

/**
 * {@code poll_oneoff}: sleeping, and asking whether a standard stream is ready, which it always is.
 * A sleep ends with the invocation's deadline at the latest.
 */
final class WasiPoll {

  private static final int SUBSCRIPTION_BYTES = 48;
  private static final int EVENT_BYTES = 32;
  private static final int TYPE_CLOCK = 0;
  private static final int TYPE_READ = 1;
  private static final int TYPE_WRITE = 2;
  private static final int FLAG_ABSOLUTE = 1;
  private static final int STDIN = 0;

  private WasiPoll() {}

  static long oneoff(Call call, GuestMemory memory, long[] args) {
    int in = (int) args[0];
    int out = (int) args[1];
    int count = (int) args[2];
    memory.checkArray(in, count, SUBSCRIPTION_BYTES);
    memory.checkArray(out, count, EVENT_BYTES);
    memory.check((int) args[3], Integer.BYTES);
    if (count == 0) {
      return Errno.INVAL;
    }
    int events = streamEvents(call, memory, in, out, count);
    if (events == 0) {
      long nanos = shortestSleep(call, memory, in, count);
      events = clockEvents(call, memory, in, out, count, nanos);
      call.sleep(Duration.ofNanos(nanos));
    }
    memory.writeInt((int) args[3], events);
    return Errno.SUCCESS;
  }

  /** Events of streams, and of subscriptions that cannot be served. */
  private static int streamEvents(Call call, GuestMemory memory, int in, int out, int count) {
    int events = 0;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      int subscription = in + i * SUBSCRIPTION_BYTES;
      int type = memory.readByte(subscription + 8);
      if (type == TYPE_CLOCK && WasiClock.errno(memory.readInt(subscription + 16)) == 0) {
        continue;
      }
      int errno = Errno.INVAL;
      long bytes = 0;
      if (type == TYPE_READ || type == TYPE_WRITE) {
        int descriptor = memory.readInt(subscription + 16);
        boolean matches = (descriptor == STDIN) == (type == TYPE_READ);
        errno = call.descriptors().isStream(descriptor) && matches ? Errno.SUCCESS : Errno.BADF;
        byte[] data = call.data();
        bytes = type == TYPE_READ && data != null ? data.length - call.dataPosition() : 0;
      }
      event(memory, out + events++ * EVENT_BYTES, memory.readLong(subscription), errno, type);
      memory.writeLong(out + (events - 1) * EVENT_BYTES + 16, bytes);
    }
    return events;
  }

  private static long shortestSleep(Call call, GuestMemory memory, int in, int count) {
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      shortest = Math.min(shortest, sleep(call, memory, in + i * SUBSCRIPTION_BYTES));
    }
    return shortest;
  }

  /** Events of the subscriptions that are due after a sleep; the guest sees them when it wakes. */
  private static int clockEvents(
      Call call, GuestMemory memory, int in, int out, int count, long nanos) {
    int events = 0;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      int subscription = in + i * SUBSCRIPTION_BYTES;
      if (sleep(call, memory, subscription) <= nanos) {
        long user = memory.readLong(subscription);
        event(memory, out + events++ * EVENT_BYTES, user, Errno.SUCCESS, TYPE_CLOCK);
      }
    }
    return events;
  }

  /** How long a clock subscription asks to sleep from now, at least 0 nanoseconds. */
  private static long sleep(Call call, GuestMemory memory, int subscription) {
    long timeout = memory.readLong(subscription + 24);
    if (timeout < 0) {
      timeout = Long.MAX_VALUE; // unsigned: more than 292 years
    }
    if ((memory.readShort(subscription + 40) & FLAG_ABSOLUTE) == 0) {
      return timeout;
    }
    return Math.max(0, timeout - call.answers().nanos(memory.readInt(subscription + 16)));
  }

  private static void event(GuestMemory memory, int pointer, long user, int errno, int type) {
    memory.write(pointer, new byte[EVENT_BYTES], 0, EVENT_BYTES);
    memory.writeLong(pointer, user);
    memory.writeInt(pointer + 8, errno | (type << 16));
  }
}

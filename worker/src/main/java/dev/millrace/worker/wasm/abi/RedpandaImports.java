package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestMemory;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.host.Output;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The import module {@code redpanda_transform}, versions 1 and 2. An event is a batch of one
 * record; a transform that asks for the batch after it is done.
 *
 * @see <a
 *     href="https://github.com/redpanda-data/redpanda/tree/v24.3.2/src/transform-sdk">Redpanda's
 *     transform SDKs</a>
 */
final class RedpandaImports {

  static final String MODULE = "redpanda_transform";

  private static final int NO_ACTIVE_TRANSFORM = -1;
  private static final int INVALID_BUFFER = -2;
  private static final int INVALID_WRITE = -3;
  private static final String OFFSET = "kafkaoffset";

  private RedpandaImports() {}

  static List<HostImport> all() {
    return List.of(
        HostImport.of(MODULE, "check_abi_version_1", ":", (c, m, a) -> 0),
        HostImport.of(MODULE, "check_abi_version_2", ":", (c, m, a) -> 0),
        HostImport.of(MODULE, "read_batch_header", "iiiiiiiiii:i", RedpandaImports::readBatch),
        HostImport.of(MODULE, "read_next_record", "iiiii:i", RedpandaImports::readRecord),
        HostImport.of(MODULE, "write_record", "ii:i", RedpandaImports::write),
        HostImport.of(
            MODULE, "write_record_with_options", "iiii:i", RedpandaImports::writeWithOptions));
  }

  private static long readBatch(Call call, GuestMemory memory, long[] args) {
    int size = state(call).takeBatch();
    Event event = event(call);
    long millis = event.time().toEpochMilli();
    memory.writeLong((int) args[0], offset(event)); // base offset
    memory.writeInt((int) args[1], 1); // record count
    memory.writeInt((int) args[2], -1); // partition leader epoch
    memory.writeShort((int) args[3], 0); // attributes
    memory.writeInt((int) args[4], 0); // last offset delta
    memory.writeLong((int) args[5], millis); // base timestamp
    memory.writeLong((int) args[6], millis); // max timestamp
    memory.writeLong((int) args[7], -1); // producer id
    memory.writeShort((int) args[8], -1); // producer epoch
    memory.writeInt((int) args[9], -1); // base sequence
    return size;
  }

  private static long readRecord(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[3];
    int capacity = (int) args[4];
    memory.check(pointer, capacity);
    RedpandaState state = state(call);
    byte[] record = state.peekRecord();
    if (record == null) {
      return NO_ACTIVE_TRANSFORM;
    }
    if (capacity < record.length) {
      return INVALID_BUFFER;
    }
    Event event = event(call);
    memory.writeByte((int) args[0], 0);
    memory.writeLong((int) args[1], event.time().toEpochMilli());
    memory.writeLong((int) args[2], offset(event));
    memory.write(pointer, record, 0, record.length);
    state.takeRecord();
    return record.length;
  }

  private static long write(Call call, GuestMemory memory, long[] args) {
    byte[] record = memory.read((int) args[0], (int) args[1]);
    return publish(call, record, Message.TO_REPLY);
  }

  private static long writeWithOptions(Call call, GuestMemory memory, long[] args) {
    byte[] record = memory.read((int) args[0], (int) args[1]);
    String topic;
    try {
      topic = RedpandaRecord.topic(memory.read((int) args[2], (int) args[3]));
    } catch (RedpandaRecord.MalformedException e) {
      return INVALID_BUFFER;
    }
    if (topic == null) {
      return publish(call, record, Message.TO_REPLY);
    }
    Optional<String> destination = call.settings().destination(topic);
    if (destination.isEmpty()) {
      call.log()
          .line(
              "WARN topic '"
                  + topic
                  + "' denied; grant it in the manifest under allow.publish, as CONNECTION/"
                  + topic);
      return INVALID_WRITE;
    }
    return publish(call, record, destination.get());
  }

  private static long publish(Call call, byte[] encoded, String to) {
    Optional<RedpandaRecord> record = RedpandaRecord.decode(encoded);
    if (record.isEmpty()) {
      return INVALID_BUFFER;
    }
    long charge = (long) Output.MESSAGE_OVERHEAD_BYTES + encoded.length;
    if (!call.output().fits(charge)) {
      throw new GuestStop.OutputExceeded();
    }
    RedpandaRecord written = record.get();
    call.output()
        .publish(new Message(to, written.key(), written.headers(), written.value()), charge);
    return encoded.length;
  }

  private static RedpandaState state(Call call) {
    return (RedpandaState) call.state();
  }

  private static Event event(Call call) {
    if (call.invocation() == null) {
      throw new GuestStop.BrokenContract("asked for a record while it was initialized");
    }
    return call.invocation().event();
  }

  /** Where the record was; 0 for an event that was in no topic. */
  private static long offset(Event event) {
    Map<String, String> extensions = event.extensions();
    try {
      return Long.parseLong(extensions.getOrDefault(OFFSET, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}

package dev.millrace.triggers;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32C;

/**
 * Recordings as bytes. Layout of version 1, integers big-endian:
 *
 * <pre>
 * u8 version = 1
 * bytes module, UTF-8
 * i64 nanoseconds of limits.timeout; i64 memory; i32 input, output, log
 * i32 attempt, i32 earlier events
 * tape start, tape run:   bytes seed; bytes entries; u8 1 if it is cut, else 0
 * u32 CRC-32C of everything before
 *
 * bytes = i32 length, bytes
 * </pre>
 *
 * Stateless, safe for any thread.
 */
public final class RecordingCodec {

  private static final int VERSION = 1;
  private static final int CRC_BYTES = 4;

  private RecordingCodec() {}

  /** The recording as bytes of the newest version. */
  public static byte[] encode(Recording recording) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      write(out, recording.module().getBytes(StandardCharsets.UTF_8));
      Recording.Limits limits = recording.limits();
      out.writeLong(limits.timeout().toNanos());
      out.writeLong(limits.memoryBytes());
      out.writeInt(limits.inputBytes());
      out.writeInt(limits.outputBytes());
      out.writeInt(limits.logBytes());
      out.writeInt(recording.attempt());
      out.writeInt(recording.earlierEvents());
      write(out, recording.start());
      write(out, recording.run());
      out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The recording that {@link #encode} made these bytes of.
   *
   * @throws IllegalArgumentException with a sentence if they are none, damaged, or of a newer
   *     version
   */
  public static Recording decode(byte[] bytes) {
    if (bytes.length > 0 && (bytes[0] & 0xff) > VERSION) {
      throw new IllegalArgumentException(
          "the recording has format version %d, this Millrace reads up to %d; use a newer one"
              .formatted(bytes[0] & 0xff, VERSION));
    }
    int body = bytes.length - CRC_BYTES;
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (body < 1 || checksum(bytes, body) != crc(bytes, body) || in.readByte() != VERSION) {
        throw new IllegalArgumentException("the recording is damaged or cut off");
      }
      Recording recording =
          new Recording(
              new String(readBytes(in), StandardCharsets.UTF_8),
              new Recording.Limits(
                  Duration.ofNanos(in.readLong()),
                  in.readLong(),
                  in.readInt(),
                  in.readInt(),
                  in.readInt()),
              in.readInt(),
              in.readInt(),
              readTape(in),
              readTape(in));
      if (in.available() != CRC_BYTES) {
        throw new IllegalArgumentException("the recording is damaged: it has bytes left over");
      }
      return recording;
    } catch (IOException e) {
      throw new IllegalArgumentException("the recording is malformed", e);
    }
  }

  private static void write(DataOutputStream out, Recording.Tape tape) throws IOException {
    write(out, tape.seed());
    write(out, tape.entries());
    out.writeByte(tape.cut() ? 1 : 0);
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static Recording.Tape readTape(DataInputStream in) throws IOException {
    return new Recording.Tape(readBytes(in), readBytes(in), in.readByte() != 0);
  }

  /** Believes no length: what is read is never more than there is. */
  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IllegalArgumentException("the recording is malformed: a length of " + length);
    }
    return in.readNBytes(length);
  }

  private static int crc(byte[] bytes, int body) {
    return ByteBuffer.wrap(bytes, body, CRC_BYTES).getInt();
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}

package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.worker.dispatch.CrashRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs at this moment, in a small file mapped into memory: when the process dies, of whatever,
 * the operating system keeps what was written, so that noting an attempt costs two stores and no
 * write to disk. The end of the whole machine may lose it; no guest brings that about.
 *
 * <p>The file is big-endian: 16 bytes of magic and version; 4096 places of 16 bytes, each with the
 * hash of an event whose guest runs, zero for none; and 1024 suspects of 32 bytes: hash, crashes,
 * the time of the latest one in milliseconds, of which the oldest makes room for a new one. A file
 * that is none of these is begun anew. An event whose guest waits for somebody is not noted
 * meanwhile: it does not run, and thousands may wait. Those that find no place are not noted.
 */
final class CrashFile implements CrashRecord {

  private static final Logger LOG = LoggerFactory.getLogger(CrashFile.class);

  private static final long MAGIC = 0x4D494C4C52414345L; // MILLRACE
  private static final long VERSION = 2;
  private static final int PLACES = 4096;
  private static final int PLACE_BYTES = 16;
  private static final int PLACES_AT = 16;
  private static final int SUSPECTS = 1024;
  private static final int SUSPECT_BYTES = 32;
  private static final int SUSPECTS_AT = PLACES_AT + PLACES * PLACE_BYTES;
  private static final int BYTES = SUSPECTS_AT + SUSPECTS * SUSPECT_BYTES;

  private record Identity(long high, long low) {}

  /** Multiplied by this, numbers in a row lie far from each other; so many bits are a place's. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private static final int SPREAD_SHIFT = Long.SIZE - 12;

  private record Suspect(int row, int crashes) {}

  private final MappedByteBuffer file;
  private final Map<Identity, Suspect> suspects = new ConcurrentHashMap<>();
  private final Place[] places = new Place[PLACES];

  private CrashFile(MappedByteBuffer file) {
    this.file = file;
    for (int i = 0; i < PLACES; i++) {
      places[i] = new Place(PLACES_AT + i * PLACE_BYTES);
    }
  }

  /**
   * Opens the file, or begins one, and counts a crash for each event that ran when the last process
   * ended.
   */
  static CrashFile open(Path path, InstantSource clock) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() != BYTES || !isOurs(channel)) {
        begin(channel);
      }
      CrashFile opened = new CrashFile(channel.map(MapMode.READ_WRITE, 0, BYTES));
      opened.readSuspects();
      opened.blameWhatRan(clock.millis());
      return opened;
    }
  }

  private static boolean isOurs(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(PLACES_AT);
    channel.read(head, 0);
    head.flip();
    return head.remaining() == PLACES_AT && head.getLong() == MAGIC && head.getLong() == VERSION;
  }

  /** Writes every byte: a page that the disk has no room for would end the process later. */
  private static void begin(FileChannel channel) throws IOException {
    channel.truncate(0);
    ByteBuffer whole = ByteBuffer.allocate(BYTES);
    whole.putLong(0, MAGIC).putLong(8, VERSION);
    while (whole.hasRemaining()) {
      channel.write(whole, whole.position());
    }
  }

  private void readSuspects() {
    for (int row = 0; row < SUSPECTS; row++) {
      int at = suspectAt(row);
      int crashes = (int) file.getLong(at + 16);
      if (crashes > 0) {
        suspects.put(
            new Identity(file.getLong(at), file.getLong(at + 8)), new Suspect(row, crashes));
      }
    }
  }

  private void blameWhatRan(long now) {
    int blamed = 0;
    for (int i = 0; i < PLACES; i++) {
      int at = PLACES_AT + i * PLACE_BYTES;
      Identity ran = new Identity(file.getLong(at), file.getLong(at + 8));
      if (ran.high() != 0 || ran.low() != 0) {
        blame(ran, now);
        blamed++;
      }
      clear(at);
    }
    if (blamed > 0) {
      LOG.atWarn()
          .addKeyValue("events", blamed)
          .log("the last process ended while events ran; when they come again they run one by one");
    }
  }

  private void blame(Identity event, long now) {
    Suspect known = suspects.get(event);
    int row = known == null ? freeRow() : known.row();
    int crashes = known == null ? 1 : known.crashes() + 1;
    int at = suspectAt(row);
    file.putLong(at, event.high()).putLong(at + 8, event.low());
    file.putLong(at + 16, crashes).putLong(at + 24, now);
    suspects.put(event, new Suspect(row, crashes));
  }

  /** A row that is free, or the one that has been there longest. */
  private int freeRow() {
    int oldest = 0;
    for (int row = 0; row < SUSPECTS; row++) {
      if (file.getLong(suspectAt(row) + 16) == 0) {
        return row;
      }
      if (file.getLong(suspectAt(row) + 24) < file.getLong(suspectAt(oldest) + 24)) {
        oldest = row;
      }
    }
    int forgotten = oldest;
    suspects.values().removeIf(suspect -> suspect.row() == forgotten);
    return forgotten;
  }

  @Override
  public int crashes(String trigger, Event event) {
    if (suspects.isEmpty()) {
      return 0;
    }
    Suspect suspect = suspects.get(identity(trigger, event));
    return suspect == null ? 0 : suspect.crashes();
  }

  @Override
  public Note begins(String trigger, Event event) {
    // Threads look from different places on, so that they do not meet.
    int first = (int) ((Thread.currentThread().threadId() * SPREAD) >>> SPREAD_SHIFT);
    for (int i = 0; i < PLACES; i++) {
      Place place = places[(first + i) % PLACES];
      if (place.take()) {
        place.begin(trigger, event);
        return place;
      }
    }
    return Note.NONE;
  }

  @Override
  public void settled(String trigger, Event event) {
    if (suspects.isEmpty()) {
      return;
    }
    Suspect suspect = suspects.remove(identity(trigger, event));
    if (suspect != null) {
      file.putLong(suspectAt(suspect.row()) + 16, 0);
    }
  }

  private void clear(int at) {
    file.putLong(at, 0).putLong(at + 8, 0);
  }

  private static int suspectAt(int row) {
    return SUSPECTS_AT + row * SUSPECT_BYTES;
  }

  private static Identity identity(String trigger, Event event) {
    IdentityHash hash = new IdentityHash();
    hash.of(trigger, event);
    return new Identity(hash.high(), hash.low());
  }

  /** A place in the file. Of whoever has taken it. */
  private final class Place implements Note {

    private final int at;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final IdentityHash event = new IdentityHash();

    private Place(int at) {
      this.at = at;
    }

    private boolean take() {
      return !taken.get() && taken.compareAndSet(false, true);
    }

    private void begin(String trigger, Event running) {
      event.of(trigger, running);
      goesOn();
    }

    @Override
    public void waits() {
      clear(at);
    }

    @Override
    public void goesOn() {
      file.putLong(at, event.high()).putLong(at + 8, event.low());
    }

    @Override
    public void returned() {
      clear(at);
      taken.setRelease(false);
    }
  }
}

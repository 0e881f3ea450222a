package dev.millrace.worker.wasm.wasi;

import static dev.millrace.worker.wasm.wasi.WasiGuest.DATA;
import static dev.millrace.worker.wasm.wasi.WasiGuest.TMP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.files.Descriptors;
import dev.millrace.worker.wasm.files.Errno;
import dev.millrace.worker.wasm.files.Scratch;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostFunctionCalls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The functions on files, as a guest calls them that has no C library in between. */
class WasiFilesTest {

  private final HostFunctionCalls calls = new HostFunctionCalls();
  private final WasiGuest guest = WasiGuest.with(calls);

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void tellsWhereItsDirectoriesAre() {
    assertEquals(Errno.SUCCESS, guest.call("fd_prestat_get", DATA, 64));
    assertEquals(5, guest.readInt(68));
    assertEquals(Errno.SUCCESS, guest.call("fd_prestat_dir_name", DATA, 80, 5));
    assertEquals("/data", guest.text(80, 5));
    assertEquals(Errno.SUCCESS, guest.call("fd_prestat_dir_name", TMP, 80, 4));
    assertEquals("/tmp", guest.text(80, 4));
    assertEquals(Errno.NAMETOOLONG, guest.call("fd_prestat_dir_name", DATA, 80, 4));
    assertEquals(Errno.BADF, guest.call("fd_prestat_get", 5, 64));
    assertEquals(Errno.BADF, guest.call("fd_prestat_get", guest.open(DATA, "d"), 64));
  }

  @Test
  void aGuestWithoutGrantsHasNoDirectories() {
    WasiGuest none = new WasiGuest(calls, Guests.spec("program"));

    assertEquals(Errno.BADF, none.call("fd_prestat_get", TMP, 64));
    assertEquals(-Errno.BADF, none.create(TMP, "x"));
  }

  @Test
  void readsAndSeeks() {
    long file = guest.open(DATA, "a");

    assertEquals("hello", guest.read(file));
    assertEquals("", guest.read(file));
    assertEquals(Errno.SUCCESS, guest.call("fd_seek", file, -4, 2, 64));
    assertEquals(1, guest.readLong(64));
    assertEquals(Errno.SUCCESS, guest.call("fd_seek", file, 1, 1, 64));
    assertEquals("llo", guest.read(file));
    assertEquals(Errno.SUCCESS, guest.call("fd_tell", file, 64));
    assertEquals(5, guest.readLong(64));
    assertEquals(Errno.INVAL, guest.call("fd_seek", file, -1, 0, 64));
    assertEquals(Errno.INVAL, guest.call("fd_seek", file, Long.MAX_VALUE, 2, 64));
    assertEquals(Errno.INVAL, guest.call("fd_seek", file, 0, 3, 64));
    guest.vector(4096, 2);
    assertEquals(Errno.SUCCESS, guest.call("fd_pread", file, 8, 1, 3, 0));
    assertEquals("lo", guest.text(4096, guest.readInt(0)));
    assertEquals(Errno.SUCCESS, guest.call("fd_pread", file, 8, 1, Long.MAX_VALUE, 0));
    assertEquals(0, guest.readInt(0));
    assertEquals(Errno.INVAL, guest.call("fd_pread", file, 8, 1, -1, 0));
    assertEquals("", guest.read(file), "fd_pread moved the position");
    assertEquals("errno " + Errno.ISDIR, guest.read(DATA));
  }

  @Test
  void whatIsGrantedCannotBeChanged() {
    assertEquals(-Errno.ROFS, guest.create(DATA, "a"));
    assertEquals(-Errno.ROFS, guest.create(DATA, "new"));
    assertEquals(-Errno.ROFS, guest.open(DATA, "a", 8, WasiFiles.RIGHT_READ, 0));
    assertEquals(Errno.ROFS, guest.onPath("path_create_directory", DATA, "new"));
    assertEquals(Errno.ROFS, guest.onPath("path_unlink_file", DATA, "a"));
    assertEquals(Errno.ROFS, guest.onPath("path_remove_directory", DATA, "d"));
    assertEquals(Errno.ROFS, guest.rename(DATA, "a", DATA, "z"));
    assertEquals(Errno.ROFS, guest.rename(DATA, "a", TMP, "z"));
    guest.create(TMP, "x");
    assertEquals(Errno.ROFS, guest.rename(TMP, "x", DATA, "a"));
    long file = guest.open(DATA, "a");
    assertEquals(-Errno.BADF, guest.write(file, "x"));
    assertEquals(Errno.INVAL, guest.call("fd_filestat_set_size", file, 0));
    assertEquals("hello", guest.read(file));
  }

  @Test
  void noPathLeadsOut() {
    for (String path : List.of("..", "../tmp/x", "d/../../data/a", "/data/a", "/", "./..")) {
      assertEquals(-Errno.PERM, guest.open(DATA, path), path);
    }
    long inner = guest.open(DATA, "d");
    assertEquals(-Errno.PERM, guest.open((int) inner, "../a"));
    for (String path : List.of("d/../a", "./a", "d//..//./a", "d/./../d/../a")) {
      assertEquals("hello", guest.read(guest.open(DATA, path)), path);
    }
    assertEquals(-Errno.NOTDIR, guest.open(DATA, "a/"));
    assertEquals(-Errno.NOTDIR, guest.open(DATA, "a/."));
    assertEquals(-Errno.NOTDIR, guest.open(DATA, "a/.."));
    assertEquals(-Errno.NOENT, guest.open(DATA, "no/../a"));
    assertEquals(-Errno.NOENT, guest.open(DATA, ""));
    assertEquals(-Errno.INVAL, guest.open(DATA, "a\0"));
    assertEquals(-Errno.NAMETOOLONG, guest.open(DATA, "n".repeat(256)));
    assertEquals(-Errno.NAMETOOLONG, guest.open(DATA, "./".repeat(2048) + "a"));
    assertEquals("hello", guest.read(guest.open(DATA, "./".repeat(2047) + "a")));
    assertEquals(-Errno.NOTDIR, guest.open((int) guest.open(DATA, "a"), "a"));
  }

  @Test
  void aPathThatIsNotTextIsNone() {
    byte[] notText = {(byte) 0xff};
    assertEquals(Errno.ILSEQ, guest.onPath("path_create_directory", TMP, notText));
  }

  @Test
  void writesUntilItIsFull() {
    long file = guest.create(TMP, "x");

    assertEquals(60, guest.write(file, "x".repeat(60)));
    assertEquals(40, guest.write(file, "y".repeat(60)), "a short write");
    assertEquals(-Errno.NOSPC, guest.write(file, "z"));
    assertEquals(0, guest.write(file, ""));
    assertEquals(-Errno.NOSPC, guest.write(guest.create(TMP, "other"), "z"));
    assertEquals(Errno.NOSPC, guest.call("fd_filestat_set_size", file, 101));
    assertEquals(Errno.NOSPC, guest.call("fd_filestat_set_size", file, Long.MAX_VALUE));
    assertEquals(Errno.INVAL, guest.call("fd_filestat_set_size", file, -1));
    assertEquals(Errno.SUCCESS, guest.call("fd_filestat_set_size", file, 2));
    assertEquals(Errno.SUCCESS, guest.call("fd_filestat_set_size", file, 4));
    guest.call("fd_seek", file, 0, 0, 64);
    assertEquals("xx\0\0", guest.read(file));
    guest.call("fd_seek", file, Long.MAX_VALUE, 0, 64);
    assertEquals(-Errno.NOSPC, guest.write(file, "z"));
    assertEquals("", guest.read(file));
  }

  @Test
  void aHoleCountsAndIsZero() {
    long file = guest.create(TMP, "x");
    guest.vector(4096, 1);
    guest.write(4096, "!");

    assertEquals(Errno.SUCCESS, guest.call("fd_pwrite", file, 8, 1, 3, 0));
    assertEquals("\0\0\0!", guest.read(file));
    assertEquals(Errno.SUCCESS, guest.call("fd_pwrite", file, 8, 1, 99, 0));
    assertEquals(Errno.NOSPC, guest.call("fd_pwrite", file, 8, 1, 100, 0));
    assertEquals(Errno.INVAL, guest.call("fd_pwrite", file, 8, 1, -1, 0));
  }

  @Test
  void appendsWhereTheFileEnds() {
    long file = guest.open(TMP, "x", 1, (1 << 30) - 1, 1);
    guest.write(file, "one");
    guest.call("fd_seek", file, 0, 0, 64);
    guest.write(file, " two");

    assertEquals("one two", guest.read(guest.open(TMP, "x")));
    assertEquals(-Errno.EXIST, guest.open(TMP, "x", 1 | 4, (1 << 30) - 1, 0));
    assertEquals("", guest.read(guest.open(TMP, "x", 8, (1 << 30) - 1, 0)));
  }

  @Test
  void aRemovedFileCountsUntilItIsClosed() {
    long file = guest.create(TMP, "x");
    guest.write(file, "x".repeat(100));
    assertEquals(Errno.SUCCESS, guest.onPath("path_unlink_file", TMP, "x"));
    assertEquals(-Errno.NOENT, guest.open(TMP, "x"));
    long other = guest.create(TMP, "y");

    assertEquals(-Errno.NOSPC, guest.write(other, "y"));
    guest.call("fd_close", file);
    assertEquals(100, guest.write(other, "y".repeat(200)));
  }

  @Test
  void directoriesAreMadeFilledRenamedAndRemoved() {
    assertEquals(Errno.SUCCESS, guest.onPath("path_create_directory", TMP, "d/"));
    assertEquals(Errno.EXIST, guest.onPath("path_create_directory", TMP, "d"));
    assertEquals(Errno.SUCCESS, guest.onPath("path_create_directory", TMP, "d/e"));
    guest.write(guest.create(TMP, "d/e/f"), "text");
    assertEquals(Errno.NOTEMPTY, guest.onPath("path_remove_directory", TMP, "d"));
    assertEquals(Errno.ISDIR, guest.onPath("path_unlink_file", TMP, "d"));
    assertEquals(Errno.NOTDIR, guest.onPath("path_remove_directory", TMP, "d/e/f"));
    assertEquals(Errno.INVAL, guest.rename(TMP, "d", TMP, "d/e/d"));
    assertEquals(Errno.INVAL, guest.rename(TMP, ".", TMP, "g"));
    assertEquals(Errno.INVAL, guest.onPath("path_remove_directory", TMP, "."));
    assertEquals(Errno.SUCCESS, guest.rename(TMP, "d/e", TMP, "g"));
    assertEquals("text", guest.read(guest.open(TMP, "g/f")));
    guest.create(TMP, "h");
    assertEquals(Errno.NOTDIR, guest.rename(TMP, "g", TMP, "h"));
    assertEquals(Errno.ISDIR, guest.rename(TMP, "h", TMP, "g"));
    assertEquals(Errno.NOTEMPTY, guest.rename(TMP, "d", TMP, "g"));
    assertEquals(Errno.NOTDIR, guest.rename(TMP, "h", TMP, "i/"));
    assertEquals(Errno.SUCCESS, guest.rename(TMP, "h", TMP, "g/f"));
    assertEquals(Errno.SUCCESS, guest.rename(TMP, "g/f", TMP, "g/f"));
    assertEquals("", guest.read(guest.open(TMP, "g/f")));
    long removed = guest.open(TMP, "d");
    assertEquals(Errno.SUCCESS, guest.onPath("path_remove_directory", TMP, "d"));
    assertEquals(-Errno.NOENT, guest.create((int) removed, "x"));
    assertEquals(List.of(".", "..", "g"), list(TMP, 4096));
  }

  @Test
  void filesAndDirectoriesAreCounted() {
    int made = 0;
    while (guest.onPath("path_create_directory", TMP, "d" + made) == Errno.SUCCESS) {
      made++;
    }

    assertEquals(Scratch.MOST_NODES, made);
    assertEquals(-Errno.NOSPC, guest.create(TMP, "x"));
    guest.onPath("path_remove_directory", TMP, "d0");
    long file = guest.create(TMP, "x");
    assertEquals(Errno.NOSPC, guest.onPath("path_create_directory", TMP, "d0"));
    guest.onPath("path_unlink_file", TMP, "x");
    guest.call("fd_close", file);
    assertEquals(Errno.SUCCESS, guest.onPath("path_create_directory", TMP, "d0"));
  }

  @Test
  void listsADirectoryWhateverTheBuffer() {
    List<String> all = List.of(".", "..", "a", "d");

    assertEquals(all, list(DATA, 4096));
    assertEquals(all, list(DATA, 30));
    assertEquals(Errno.SUCCESS, guest.call("fd_readdir", DATA, 4096, 10, 0, 0));
    assertEquals(10, guest.readInt(0), "a cut entry fills the buffer");
  }

  @Test
  void aCookieThatNobodyHandedOutIsTheEnd() {
    for (long cookie : new long[] {4, 5, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
      assertEquals(Errno.SUCCESS, guest.call("fd_readdir", DATA, 4096, 100, cookie, 0));
      assertEquals(0, guest.readInt(0), "cookie " + cookie);
    }
  }

  @Test
  void aListStaysAsItBegan() {
    guest.create(TMP, "a");
    guest.create(TMP, "b");
    guest.create(TMP, "c");
    guest.call("fd_readdir", TMP, 4096, 100, 0, 0);
    guest.onPath("path_unlink_file", TMP, "a");

    guest.call("fd_readdir", TMP, 4096, 25, 3, 0);

    assertEquals("b", guest.text(4096 + 24, 1));
    assertEquals(List.of(".", "..", "b", "c"), list(TMP, 4096));
  }

  @Test
  void descriptorsAreCountedAndUsedAgain() {
    long last = 0;
    int opened = 0;
    for (long next = guest.open(DATA, "a"); next > 0; next = guest.open(DATA, "a")) {
      last = next;
      opened++;
    }

    assertEquals(Descriptors.MOST, opened);
    assertEquals(-Errno.MFILE, guest.create(TMP, "x"));
    assertEquals(-Errno.NOENT, errnoAfterClose(last, "x"), "a refused open creates nothing");
    assertEquals(Errno.SUCCESS, guest.call("fd_close", 17));
    assertEquals(Errno.BADF, guest.call("fd_close", 17));
    assertEquals(17, guest.open(DATA, "d"));
    assertEquals(Errno.BADF, guest.call("fd_close", -1));
    assertEquals(Errno.BADF, guest.call("fd_close", Integer.MAX_VALUE));
    guest.call("fd_close", DATA);
    assertEquals(DATA, guest.create(TMP, "y"));
    assertEquals(Errno.BADF, guest.call("fd_prestat_get", DATA, 64));
  }

  private long errnoAfterClose(long descriptor, String path) {
    guest.call("fd_close", descriptor);
    return guest.open(TMP, path);
  }

  @Test
  void theNextEventBeginsAnew() {
    long file = guest.create(TMP, "x");
    guest.write(file, "x".repeat(100));
    guest.onPath("path_unlink_file", TMP, "x");
    guest.create(TMP, "y");
    guest.call("fd_close", DATA);
    guest.call("fd_close", 1);

    guest.nextEvent();

    assertEquals("errno " + Errno.BADF, guest.read(file));
    assertEquals(Errno.SUCCESS, guest.call("fd_prestat_get", DATA, 64));
    assertEquals(Errno.SUCCESS, guest.call("fd_fdstat_get", 1, 64));
    assertEquals(List.of(".", ".."), list(TMP, 4096));
    assertEquals(100, guest.write(guest.create(TMP, "x"), "x".repeat(200)));
  }

  @Test
  void saysWhatADescriptorIs() {
    guest.call("fd_fdstat_get", DATA, 64);
    assertEquals(3, guest.readLong(64));
    guest.call("fd_fdstat_get", guest.open(DATA, "a"), 64);
    assertEquals(4, guest.readLong(64));
    assertEquals(0, guest.readLong(72) & WasiFiles.RIGHT_WRITE);
    guest.call("fd_fdstat_get", guest.open(TMP, "x", 1, WasiFiles.RIGHT_WRITE, 1), 64);
    assertEquals(4 | 1 << 16, guest.readLong(64));
    assertEquals(0, guest.readLong(72) & WasiFiles.RIGHT_READ);
    guest.call("fd_filestat_get", guest.open(DATA, "a"), 64);
    assertEquals(4, guest.readLong(64 + 16));
    assertEquals(5, guest.readLong(64 + 32));
    guest.write(4096, "d/f");
    assertEquals(Errno.SUCCESS, guest.call("path_filestat_get", DATA, 0, 4096, 3, 64));
    assertEquals(4, guest.readLong(64 + 8), "the inode");
    assertEquals(0, guest.readLong(64 + 32));
  }

  @Test
  void whatIsOpenedForReadingOrWritingIsUsedForThatOnly() {
    long writing = guest.open(TMP, "x", 1, WasiFiles.RIGHT_WRITE, 0);
    long neither = guest.open(DATA, "a", 0, 0, 0);

    assertEquals("errno " + Errno.BADF, guest.read(writing));
    assertEquals("errno " + Errno.BADF, guest.read(neither));
    assertEquals(-Errno.ISDIR, guest.open(DATA, "d", 0, WasiFiles.RIGHT_WRITE, 0));
    assertEquals(-Errno.NOTDIR, guest.open(DATA, "a", 2, WasiFiles.RIGHT_READ, 0));
  }

  @Test
  void wildPointersEndTheInvocation() {
    long file = guest.open(DATA, "a");
    long wild = 65_530;
    wild("path_open", DATA, 0, wild, 100, 0, 0, 0, 0, 0);
    wild("path_open", DATA, 0, 0, -1, 0, 0, 0, 0, 0);
    wild("path_open", DATA, 0, 4096, 1, 0, 0, 0, 0, wild + 4);
    wild("fd_read", file, wild, 1, 0);
    wild("fd_read", file, 0, -1, 0);
    wild("fd_read", file, 0, 1 << 29, 0);
    wild("fd_pread", file, 8, 1, 0, wild + 4);
    wild("fd_readdir", DATA, wild, 100, 0, 0);
    wild("fd_prestat_get", DATA, wild);
    wild("fd_prestat_dir_name", DATA, wild, 100);
    wild("fd_seek", file, 0, 0, wild);
    wild("fd_tell", file, wild);
    wild("fd_filestat_get", file, wild);
    wild("path_filestat_get", DATA, 0, 4096, 1, wild);
    wild("path_rename", TMP, 4096, 1, TMP, wild, 100);
    guest.vector(60_000, 60_000);
    wild("fd_read", file, 8, 1, 0);
    wild("fd_write", guest.create(TMP, "x"), 8, 1, 0);
    assertEquals("hello", guest.read(file), "the file was read by a call that failed");
  }

  private void wild(String function, long... arguments) {
    assertThrows(GuestStop.BrokenContract.class, () -> guest.call(function, arguments), function);
  }

  @Test
  void aFileIsReadOnceWhateverTheNumberOfBuffers() {
    long file = guest.open(DATA, "a");

    assertEquals(Errno.SUCCESS, guest.call("fd_read", file, 0, 8000, 64_000));

    assertEquals(0, guest.readInt(64_000), "no buffer had room");
  }

  /** The names in a directory, asked for as a C library does. */
  private List<String> list(int directory, int capacity) {
    List<String> names = new ArrayList<>();
    long cookie = 0;
    while (true) {
      assertEquals(Errno.SUCCESS, guest.call("fd_readdir", directory, 4096, capacity, cookie, 0));
      int used = guest.readInt(0);
      int at = 4096;
      while (at + 24 <= 4096 + used && at + 24 + guest.readInt(at + 16) <= 4096 + used) {
        cookie = guest.readLong(at);
        int length = guest.readInt(at + 16);
        names.add(guest.text(at + 24, length));
        at += 24 + length;
      }
      if (used < capacity) {
        return names;
      }
    }
  }
}

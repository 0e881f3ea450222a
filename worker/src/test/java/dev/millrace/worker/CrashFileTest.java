package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.CrashRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening the file again without having closed it is what a crash looks like. */
class CrashFileTest {

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void path() {
    path = directory.resolve("state/running.bin");
  }

  @Test
  void blamesWhatRanWhenTheProcessEnded() throws IOException {
    CrashFile first = open();
    first.begins("t", event("back")).returned();
    first.begins("t", event("running"));

    CrashFile second = open();

    assertEquals(1, second.crashes("t", event("running")));
    assertEquals(0, second.crashes("t", event("back")));
    assertEquals(0, second.crashes("other", event("running")));
  }

  @Test
  void countsOverRestartsUntilTheEventIsSettled() throws IOException {
    for (int crash = 1; crash <= 3; crash++) {
      CrashFile file = open();
      assertEquals(crash - 1, file.crashes("t", event("poison")));
      file.begins("t", event("poison"));
    }
    CrashFile file = open();
    assertEquals(3, file.crashes("t", event("poison")));
    file.settled("t", event("poison"));
    assertEquals(0, file.crashes("t", event("poison")));

    assertEquals(0, open().crashes("t", event("poison")));
  }

  @Test
  void knowsEachThreadsEvent() throws Exception {
    CrashFile file = open();
    for (int i = 0; i < 4; i++) {
      DetachedEvent event = event("e" + i);
      Thread thread = Thread.ofPlatform().start(() -> file.begins("t", event));
      thread.join();
    }

    CrashFile next = open();
    for (int i = 0; i < 4; i++) {
      assertEquals(1, next.crashes("t", event("e" + i)));
    }
  }

  @Test
  void doesNotBlameWhatWaitedForOthers() throws IOException {
    CrashFile first = open();
    CrashRecord.Note waits = first.begins("t", event("waits"));
    CrashRecord.Note goesOn = first.begins("t", event("goes on"));
    waits.waits();
    goesOn.waits();
    goesOn.goesOn();

    CrashFile second = open();

    assertEquals(0, second.crashes("t", event("waits")));
    assertEquals(1, second.crashes("t", event("goes on")));
  }

  @Test
  void notesAsManyAsThereArePlacesAndGivesThemBack() throws IOException {
    CrashFile file = open();
    for (int round = 0; round < 2; round++) {
      List<CrashRecord.Note> notes = new ArrayList<>();
      for (int i = 0; i < 4096; i++) {
        notes.add(file.begins("t", event("e" + i)));
      }
      assertFalse(notes.contains(CrashRecord.Note.NONE));
      assertSame(CrashRecord.Note.NONE, file.begins("t", event("one too many")));
      notes.forEach(CrashRecord.Note::returned);
    }

    assertEquals(0, open().crashes("t", event("e7")));
  }

  @Test
  void forgetsTheOldestSuspectsOverTheirNumber() throws IOException {
    for (int crash = 0; crash < 1025; crash++) {
      long now = crash + 1L;
      CrashFile file = CrashFile.open(path, () -> Instant.ofEpochMilli(now));
      file.begins("t", event("e" + crash));
    }
    CrashFile file = CrashFile.open(path, () -> Instant.ofEpochMilli(5000));

    assertEquals(0, file.crashes("t", event("e0")));
    assertEquals(1, file.crashes("t", event("e1")));
    assertEquals(1, file.crashes("t", event("e1024")));
  }

  @Test
  void beginsAnewWhereTheFileIsSomethingElse() throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "not ours");

    CrashFile file = open();
    file.begins("t", event("e"));

    assertEquals(1, open().crashes("t", event("e")));
  }

  private CrashFile open() throws IOException {
    return CrashFile.open(path, InstantSource.system());
  }

  private static DetachedEvent event(String id) {
    return DetachedEvent.of(id, "test", "test", Instant.EPOCH, "x");
  }
}

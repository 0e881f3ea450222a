package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinuxStorePlaceTest {

  private static final List<String> MOUNTS =
      List.of(
          "22 1 0:20 / / rw,relatime - overlay overlay rw,lowerdir=/a",
          "23 22 0:21 / /memory rw,nosuid shared:2 - tmpfs tmpfs rw,size=65536k",
          "24 22 8:1 / /volume\\040one rw - ext4 /dev/sda1 rw",
          "25 23 8:1 / /memory/disk rw - ext4 /dev/sda1 rw",
          "a line of another form");

  @Test
  void aContainersOwnDiskGoesWithTheContainer() {
    assertEquals(
        Optional.of("is on the container's own disk, which goes with the container"),
        new LinuxStorePlace(MOUNTS, true).risk(Path.of("/srv/app/store.db")));
  }

  @Test
  void aVolumeStays() {
    StorePlace place = new LinuxStorePlace(MOUNTS, true);

    assertEquals(Optional.empty(), place.risk(Path.of("/volume one/store.db")));
    assertEquals(Optional.empty(), place.risk(Path.of("/memory/disk/store.db")));
  }

  @Test
  void outsideAContainerTheRootStays() {
    assertEquals(
        Optional.empty(), new LinuxStorePlace(MOUNTS, false).risk(Path.of("/srv/store.db")));
  }

  @Test
  void memoryGoes() {
    assertEquals(
        Optional.of("is in memory (tmpfs at /memory)"),
        new LinuxStorePlace(MOUNTS, false).risk(Path.of("/memory/store.db")));
  }

  @Test
  void temporaryFilesGo() {
    assertEquals(
        Optional.of("is under /tmp, which is emptied when the machine starts"),
        new LinuxStorePlace(List.of(), false).risk(Path.of("/tmp/a/store.db")));
  }
}

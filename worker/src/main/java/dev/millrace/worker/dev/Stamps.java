package dev.millrace.worker.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files as they were at one look. Two that are equal mean that nobody wrote to a file in between,
 * as far as the file system tells.
 */
record Stamps(Map<Path, Stamp> files) {

  /** One file. */
  record Stamp(FileTime modified, long size, @Nullable Object file) {}

  /** A look at these files; those that are not there are left out. */
  static Stamps of(Collection<Path> files) {
    Map<Path, Stamp> stamps = new LinkedHashMap<>();
    for (Path file : files) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        stamps.put(
            file,
            new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
      } catch (IOException notThere) {
        // It is being replaced, or was removed: the next look tells.
      }
    }
    return new Stamps(stamps);
  }
}

package dev.millrace.worker.manifest;

import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that the manifest names. */
final class Paths {

  private Paths() {}

  /**
   * A file relative to the manifest's directory.
   *
   * @throws java.nio.file.InvalidPathException if the system has no such path
   */
  static Path resolve(Path directory, String path) {
    return directory.resolve(path).normalize();
  }

  /** Why a file cannot be read, in a few words. */
  static String reason(Exception e) {
    return switch (e) {
      case NoSuchFileException missing -> "there is no such file";
      case AccessDeniedException denied -> "permission denied";
      case CharacterCodingException binary -> "it is not UTF-8 text";
      default -> String.valueOf(e.getMessage());
    };
  }
}

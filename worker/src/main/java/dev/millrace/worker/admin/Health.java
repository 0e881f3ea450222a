package dev.millrace.worker.admin;

import java.util.List;

/**
 * How the worker is, for whoever decides to restart it or to send it work. Cheap, never blocks; any
 * thread.
 */
public interface Health {

  /**
   * Whether the process can go on. One that is not ok means that only a restart helps: an engine
   * thread died, say. A broker that is away is no such reason.
   */
  List<Check> live();

  /**
   * Whether events flow now: every trigger is connected, nothing is held, no drain is under way.
   */
  List<Check> ready();

  /**
   * One thing that was looked at.
   *
   * @param name what, for example {@code trigger orders}
   * @param ok how it is
   * @param reason one sentence for a person; may be empty when ok
   */
  record Check(String name, boolean ok, String reason) {

    /** A check that is fine. */
    public static Check ok(String name) {
      return new Check(name, true, "");
    }

    /** A check that is not, and why. */
    public static Check failed(String name, String reason) {
      return new Check(name, false, reason);
    }
  }
}

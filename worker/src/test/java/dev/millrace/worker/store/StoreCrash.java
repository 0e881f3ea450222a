package dev.millrace.worker.store;

/** Ends a store as the others see it when its worker's process is killed. */
public final class StoreCrash {

  private StoreCrash() {}

  /** What the worker has stays its own until its lease is over. */
  public static void abandon(Store store) {
    ((JdbcStore) store).abandon();
  }
}

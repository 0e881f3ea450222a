package dev.millrace.worker.store;

/** The contract of all stores, on PostgreSQL. */
class PostgresStoreIT extends StoreContract {

  private final PostgresAddress address = PostgresServer.database();

  @Override
  Store open(StoreOptions options) {
    return PostgresStore.open(address, options);
  }
}

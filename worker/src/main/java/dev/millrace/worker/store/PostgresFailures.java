package dev.millrace.worker.store;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What PostgreSQL's error codes mean for a store, and the sentence for people. What the server says
 * is passed on without its detail, and the driver's own text is not, since both may hold data.
 */
final class PostgresFailures {

  private PostgresFailures() {}

  /** Whether every write would fail so, rather than this one for what it holds. */
  static boolean concernsStore(SQLException failure) {
    if (isUnreachable(failure)) {
      return true;
    }
    String state = state(failure);
    return switch (state.isEmpty() ? "" : state.substring(0, 2)) {
      // authorization, catalog, resources, operator, system, configuration file, internal
      case "28", "3D", "3F", "53", "57", "58", "F0", "XX" -> true;
      default ->
          switch (state) {
            // read-only server, missing right, table or column, lock timeout
            case "25006", "42501", "42P01", "42703", "55P03" -> true;
            default -> false;
          };
    };
  }

  /** Whether the server does not answer, or says that it cannot at the moment. */
  static boolean isUnreachable(SQLException failure) {
    String state = state(failure);
    return state.startsWith("08")
        || state.startsWith("57P")
        || (state.isEmpty() && failure instanceof SQLTransientConnectionException);
  }

  /** Whether it is a deadlock or the like: of two transactions that met, this one had to yield. */
  static boolean passes(SQLException failure) {
    String state = state(failure);
    return state.equals("40P01") || state.equals("40001");
  }

  static StoreException explain(PostgresAddress address, SQLException failure) {
    if (isUnreachable(failure)) {
      return StoreException.unreachable(
          "store %s: the database does not answer (%s); the store goes on by itself when it does"
              .formatted(address, reason(failure)),
          failure);
    }
    String state = state(failure);
    String what =
        switch (state) {
          case "28P01", "28000" ->
              "the database refuses the user or the password (%s); correct 'store.url' or"
                  + " 'store.password'";
          case "3D000" -> "there is no such database (%s); create it, or correct 'store.url'";
          case "3F000", "42P01" ->
              "its tables are not there (%s); a worker makes them when it starts";
          case "42501" -> "the user lacks a right (%s); grant it, and the store goes on by itself";
          case "25006" ->
              "the server only reads (%s); name the primary, for example with"
                  + " targetServerType=primary";
          case "53100" -> "its disk is full (%s); free some space, and the store goes on by itself";
          case "53300" -> "the server takes no more connections (%s); raise max_connections";
          case "55P03" -> "a table is locked (%s); end the session that locks it";
          default -> "%s" + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
        };
    return new StoreException(
        "store %s: %s".formatted(address, what.formatted(reason(failure))), failure);
  }

  private static String state(SQLException failure) {
    String state = failure.getSQLState();
    for (Throwable each = failure; state == null && each != null; each = each.getCause()) {
      if (each instanceof SQLException sql) {
        state = sql.getSQLState();
      }
    }
    return state == null ? "" : state;
  }

  private static String reason(SQLException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String said = serverSays(each);
      if (said != null) {
        return said;
      }
    }
    for (Throwable next = failure.getNextException();
        next instanceof SQLException sql;
        next = sql.getNextException()) {
      String said = serverSays(next);
      if (said != null) {
        return said;
      }
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private static @Nullable String serverSays(Throwable failure) {
    ServerErrorMessage message =
        failure instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    return message == null ? null : message.getMessage();
  }
}

package dev.millrace.worker.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** The conditions of a filter as SQL and parameters, only those that were given. */
final class Where {

  private final StringJoiner conditions =
      new StringJoiner(" AND ", " WHERE ", "").setEmptyValue("");
  private final List<Object> parameters = new ArrayList<>();

  /** Adds {@code condition}, which has one parameter, if there is a value for it. */
  Where and(String condition, Optional<?> value) {
    if (value.isPresent()) {
      conditions.add(condition);
      parameters.add(value.get());
    }
    return this;
  }

  /** Adds a condition without a parameter. */
  Where and(String condition) {
    conditions.add(condition);
    return this;
  }

  /** The clause with a leading space; empty without conditions. */
  String sql() {
    return conditions.toString();
  }

  /** Sets the parameters from the first on; returns the index of the next one. */
  int bind(PreparedStatement statement) throws SQLException {
    int index = 1;
    for (Object parameter : parameters) {
      statement.setObject(index++, parameter);
    }
    return index;
  }
}

package dev.millrace.worker.wasm.memory;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;

/**
 * A table whose growth counts against a bound that all tables of an instance share. It has limits
 * of its own: Chicory writes a grown table's size into its limits, and those that the module
 * declares are shared by all its instances.
 */
public final class CappedTable extends TableInstance {

  /** Entries that all tables of one instance may have together. */
  public static final int MAX_ENTRIES = 1_000_000;

  /** Tables that a module may declare. */
  public static final int MAX_TABLES = 100;

  private final Budget budget;

  private CappedTable(Table table, int initialValue, Budget budget) {
    super(table, initialValue);
    this.budget = budget;
  }

  @Override
  public int grow(int size, int value, Instance instance) {
    if (size < 0 || (long) size() + size > limits().max() || !budget.reserve(size)) {
      return -1;
    }
    return super.grow(size, value, instance);
  }

  /** The entries that one instance has left. Confined to the thread that holds its slot. */
  public static final class Budget {

    private int left = MAX_ENTRIES;
    private boolean exceeded;

    /** Makes a table as the module declares it; the module's checks have passed already. */
    public CappedTable table(Table declared, int initialValue) {
      TableLimits limits = declared.limits();
      reserve((int) limits.min());
      Table own =
          new Table(
              declared.elementType(),
              new TableLimits(limits.min(), limits.max(), limits.shared()),
              declared.initialize());
      return new CappedTable(own, initialValue, this);
    }

    /** Whether a growth was refused since {@link #clearExceeded}. */
    public boolean exceeded() {
      return exceeded;
    }

    /** Forgets that a growth was refused. */
    public void clearExceeded() {
      exceeded = false;
    }

    private boolean reserve(int entries) {
      if (entries > left) {
        exceeded = true;
        return false;
      }
      left -= entries;
      return true;
    }
  }
}

package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A module that is ready to be instantiated, shared by all functions that run the same bytes.
 *
 * <p>What it was compiled to are classes of the JVM, several times as large as the class files they
 * were made from, and with what the JVM compiles of them larger still. They are loaded while
 * somebody uses the module, and for some time after; then the class files are kept alone, from
 * which the next user gets them back.
 *
 * <p>Safe for any number of threads.
 */
public final class LoadedModule {

  private final String digest;
  private final WasmModule module;
  private final InstructionScan scan;

  /** What its classes are made of; {@code null} where the bodies of functions are interpreted. */
  private final @Nullable ClassFiles files;

  private final ReentrantLock lock = new ReentrantLock();

  /** Makes the code of an instance; there while there are users. Written under the lock. */
  private volatile @Nullable Function<Instance, Machine> machines;

  private int users;
  private long unusedSince;

  private LoadedModule(
      String digest,
      WasmModule module,
      InstructionScan scan,
      @Nullable ClassFiles files,
      Function<Instance, Machine> machines,
      long now) {
    this.digest = digest;
    this.module = module;
    this.scan = scan;
    this.files = files;
    this.machines = machines;
    this.unusedSince = now;
  }

  /**
   * One that runs as classes. Loads them.
   *
   * @param module without the bodies of functions
   * @param now nanoseconds that never go back
   * @throws LinkageError if it is no code for this JVM
   */
  static LoadedModule compiled(String digest, WasmModule module, ClassFiles files, long now) {
    Function<Instance, Machine> machines = CodeLoader.machines(files);
    return new LoadedModule(digest, module, files.scan(), files.withoutShared(), machines, now);
  }

  /** One whose functions are interpreted. */
  static LoadedModule interpreted(String digest, WasmModule module, InstructionScan scan) {
    return new LoadedModule(digest, module, scan, null, Interpreter::new, 0);
  }

  /** The SHA-256 of its bytes in hex. */
  public String digest() {
    return digest;
  }

  /** What was parsed; the bodies of its functions only where they are interpreted. */
  public WasmModule module() {
    return module;
  }

  /** What its instructions say. */
  public InstructionScan scan() {
    return scan;
  }

  /**
   * Somebody will make instances, until {@link #leave}. Loads the classes if they are not there,
   * which takes milliseconds for each hundred kilobytes of the module.
   */
  public void enter() {
    lock.lock();
    try {
      if (machines == null) {
        machines = CodeLoader.machines(Objects.requireNonNull(files));
      }
      users++;
    } finally {
      lock.unlock();
    }
  }

  /** Ends an {@link #enter}; instances that were made remain what they are. */
  public void leave(long now) {
    lock.lock();
    try {
      users--;
      unusedSince = now;
    } finally {
      lock.unlock();
    }
  }

  /** The code of an instance. Between {@link #enter} and {@link #leave}. */
  public Machine machine(Instance instance) {
    Function<Instance, Machine> present = machines;
    if (present == null) {
      throw new IllegalStateException("a module is instantiated that nobody has entered");
    }
    return present.apply(instance);
  }

  /**
   * Lets the classes go if nobody has used them for {@code nanos}. Never waits: whoever holds the
   * lock is about to use them.
   *
   * @return whether they went
   */
  boolean letCodeGo(long now, long nanos) {
    if (files == null || !lock.tryLock()) {
      return false;
    }
    try {
      boolean goes = machines != null && users == 0 && now - unusedSince >= nanos;
      if (goes) {
        machines = null;
      }
      return goes;
    } finally {
      lock.unlock();
    }
  }
}

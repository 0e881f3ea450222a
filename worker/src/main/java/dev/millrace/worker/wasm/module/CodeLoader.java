package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Loads the classes of one module, and forgets a class file when its class is there. The class that
 * is the same for all modules comes from a loader above.
 *
 * <p>Safe for any number of threads.
 */
final class CodeLoader extends ClassLoader {

  private static final MethodType CONSTRUCTOR = MethodType.methodType(void.class, Instance.class);
  private static final MethodType FACTORY = MethodType.methodType(Machine.class, Instance.class);

  private final Map<String, ClassFiles.Packed> left;

  private CodeLoader(Map<String, ClassFiles.Packed> classes) {
    super(Shared.LOADER);
    this.left = new ConcurrentHashMap<>(classes);
    left.keySet().removeIf(ClassFiles::isShared);
  }

  /**
   * The classes that all modules share: the one through which compiled code reaches memory and
   * tables. Chicory gives each module its own copy, so that the JVM learns about each apart; as
   * there is one kind of memory and one of tables here, there is nothing to learn apart, and a
   * function that is deployed finds this code hot.
   */
  private static final class Shared extends ClassLoader {

    static final Shared LOADER = new Shared();

    private Shared() {
      super(CodeLoader.class.getClassLoader());
    }

    void define(String name, ClassFiles.Packed packed) {
      synchronized (getClassLoadingLock(name)) {
        if (findLoadedClass(name) == null) {
          byte[] bytes = packed.unpack();
          defineClass(name, bytes, 0, bytes.length);
        }
      }
    }
  }

  /**
   * What makes the code of an instance. Loads and verifies all classes: done later, it would count
   * against the timeout of an invocation.
   *
   * @throws LinkageError if it is no code for this JVM
   */
  static Function<Instance, Machine> machines(ClassFiles files) {
    CodeLoader loader = of(files);
    files.packed().keySet().forEach(loader::initialized);
    Class<?> main = loader.initialized(files.main());
    MethodHandle constructor;
    try {
      constructor = MethodHandles.publicLookup().findConstructor(main, CONSTRUCTOR).asType(FACTORY);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a compiled module has no machine", e);
    }
    return instance -> machine(constructor, instance);
  }

  private static Machine machine(MethodHandle constructor, Instance instance) {
    try {
      return (Machine) constructor.invokeExact(instance);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static CodeLoader of(ClassFiles files) {
    files
        .packed()
        .forEach(
            (name, packed) -> {
              if (ClassFiles.isShared(name)) {
                Shared.LOADER.define(name, packed);
              }
            });
    return new CodeLoader(files.packed());
  }

  private Class<?> initialized(String name) {
    try {
      return Class.forName(name, true, this);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("a compiled module has no class " + name, e);
    }
  }

  /** The module's own classes first: to look for them above takes long and finds nothing. */
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      ClassFiles.Packed packed = left.remove(name);
      if (packed == null) {
        return super.loadClass(name, resolve);
      }
      byte[] bytes = packed.unpack();
      return defineClass(name, bytes, 0, bytes.length);
    }
  }
}

package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;

/**
 * The classes that a module was compiled to, and what its instructions say, as the cache keeps
 * them. Immutable.
 *
 * @param main the name of the class whose instances are machines
 * @param scan what the compiler saw
 * @param packed the class files by their names, each deflated; not copied
 */
record ClassFiles(String main, InstructionScan scan, Map<String, Packed> packed) {

  /** Functions that share a class. */
  private static final int FUNCTIONS_PER_CLASS = 32;

  /** The class of Chicory's that each module has a copy of, the same for all. */
  private static final String SHADED_SUFFIX = "Shaded";

  private static final int MAGIC = 0x4d52_4331;

  /**
   * One class file.
   *
   * @param size of the class file, in bytes
   * @param deflated the class file; not copied
   */
  record Packed(int size, byte[] deflated) {

    static Packed of(byte[] classFile) {
      Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      try {
        deflater.setInput(classFile);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream(classFile.length / 2);
        byte[] buffer = new byte[4096];
        while (!deflater.finished()) {
          out.write(buffer, 0, deflater.deflate(buffer));
        }
        return new Packed(classFile.length, out.toByteArray());
      } finally {
        deflater.end();
      }
    }

    /** The class file. */
    byte[] unpack() {
      Inflater inflater = new Inflater(true);
      try {
        inflater.setInput(deflated);
        byte[] classFile = new byte[size];
        int done = 0;
        while (done < size) {
          int count = inflater.inflate(classFile, done, size - done);
          if (count == 0) {
            throw new IllegalStateException("a compiled class ends before its end");
          }
          done += count;
        }
        return classFile;
      } catch (DataFormatException e) {
        throw new IllegalStateException("a compiled class is damaged", e);
      } finally {
        inflater.end();
      }
    }
  }

  /**
   * Compiles a module. The interpreter never steps in by itself: it is far slower, so that a
   * function has to ask for it. Chicory's own front, {@code MachineFactoryCompiler}, would load
   * every class twice, and all of them at once.
   *
   * @throws RuntimeException if the module cannot be compiled
   */
  static ClassFiles compile(WasmModule module, InstructionScan scan) {
    var classes =
        Compiler.builder(module)
            .withInterpreterFallback(InterpreterFallback.FAIL)
            .withMaxFunctionsPerClass(FUNCTIONS_PER_CLASS)
            .withClassCollectorFactory(ByteClassCollector::new)
            .build()
            .compile()
            .collector();
    Map<String, Packed> packed = new HashMap<>();
    classes
        .classBytes()
        .forEach(
            (name, bytes) -> {
              if (isShared(name)) {
                makePublic(bytes);
              }
              packed.put(name.replace('/', '.'), Packed.of(bytes));
            });
    return new ClassFiles(classes.mainClassName(), scan, packed);
  }

  /** Users of a shared class are classes of other loaders, and with that of other packages. */
  private static void makePublic(byte[] classFile) {
    classFile[new ClassReader(classFile).header + 1] |= (byte) Opcodes.ACC_PUBLIC;
  }

  /** The same without the class that {@link CodeLoader} has of all modules. */
  ClassFiles withoutShared() {
    Map<String, Packed> own = new HashMap<>(packed);
    own.keySet().removeIf(ClassFiles::isShared);
    return new ClassFiles(main, scan, own);
  }

  /** Whether a class is the same for all modules. */
  static boolean isShared(String name) {
    return name.endsWith(SHADED_SUFFIX);
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeBoolean(scan.simd());
      out.writeBoolean(scan.garbageCollected());
      out.writeBoolean(scan.restorable());
      out.writeUTF(main);
      out.writeInt(packed.size());
      for (Map.Entry<String, Packed> each : packed.entrySet()) {
        out.writeUTF(each.getKey());
        out.writeInt(each.getValue().size());
        out.writeInt(each.getValue().deflated().length);
        out.write(each.getValue().deflated());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if it did not write this
   */
  static ClassFiles decode(byte[] encoded) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      if (in.readInt() != MAGIC) {
        throw new IOException("no compiled module");
      }
      InstructionScan scan =
          new InstructionScan(in.readBoolean(), in.readBoolean(), in.readBoolean());
      String main = in.readUTF();
      int count = in.readInt();
      Map<String, Packed> packed = new HashMap<>();
      for (int i = 0; i < count; i++) {
        String name = in.readUTF();
        int size = in.readInt();
        byte[] deflated = new byte[in.readInt()];
        in.readFully(deflated);
        packed.put(name, new Packed(size, deflated));
      }
      return new ClassFiles(main, scan, packed);
    }
  }
}

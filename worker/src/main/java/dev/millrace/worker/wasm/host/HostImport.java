package dev.millrace.worker.wasm.host;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/**
 * One function that the host offers to guests. It holds no state: what it works on comes with each
 * call.
 *
 * @param module the import module
 * @param name the import name
 * @param type its signature
 * @param body what it does
 */
public record HostImport(String module, String name, FunctionType type, Body body) {

  private static final long[] NOTHING = new long[0];

  /** What a host function does with its arguments. */
  @FunctionalInterface
  public interface Body {
    /** Returns the result; ignored where the signature has none. */
    long call(Call call, GuestMemory memory, long[] arguments);
  }

  /**
   * A host function with a signature in short: one letter a value, {@code i} for i32 and {@code l}
   * for i64, a colon between parameters and results; {@code "il:i"} is {@code (i32, i64) -> i32}.
   */
  public static HostImport of(String module, String name, String signature, Body body) {
    int colon = signature.indexOf(':');
    FunctionType type =
        FunctionType.of(
            types(signature.substring(0, colon)), types(signature.substring(colon + 1)));
    return new HostImport(module, name, type, body);
  }

  /** How guests and messages call it: {@code module.name}. */
  public String fullName() {
    return module + "." + name;
  }

  /**
   * The function as Chicory links it, for the slot that {@code call} and {@code view} belong to.
   */
  public HostFunction link(Call call, GuestMemory view) {
    String caller = fullName();
    boolean returns = !type.returns().isEmpty();
    return new HostFunction(
        module,
        name,
        type,
        (instance, arguments) -> {
          long result = body.call(call, view.enter(instance.memory(), caller), arguments);
          return returns ? new long[] {result} : NOTHING;
        });
  }

  private static List<ValType> types(String letters) {
    return letters.chars().mapToObj(HostImport::type).toList();
  }

  private static ValType type(int letter) {
    return switch (letter) {
      case 'i' -> ValType.I32;
      case 'l' -> ValType.I64;
      default -> throw new IllegalArgumentException("no type has the letter " + (char) letter);
    };
  }
}

package dev.millrace.worker.wasm.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.worker.wasm.module.ComponentShape.Item;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Components, written section by section as the standard says. */
class ComponentReaderTest {

  private static final byte[] HEADER = HexFormat.of().parseHex("0061736d0d000100");
  private static final byte[] CORE = HexFormat.of().parseHex("0061736d01000000");

  @Test
  void aSpinComponentSaysWhatItWants() throws ModuleFile.UnreadableException {
    byte[] bytes =
        join(
            HEADER,
            section(0, join(text("name"), new byte[] {1, 2, 3})),
            section(7, new byte[] {1, 0x42, 0}),
            section(
                10,
                join(
                    new byte[] {2},
                    imported("wasi:io/streams@0.2.0", 5, 0),
                    imported("fermyon:spin/variables@2.0.0", 5, 1))),
            section(1, CORE),
            section(4, join(HEADER, section(1, CORE), section(10, new byte[] {9}))),
            section(
                11,
                join(
                    new byte[] {1},
                    join(
                        new byte[] {0},
                        text("fermyon:spin/inbound-redis"),
                        new byte[] {5, 2, 0}))));

    ComponentShape shape = ComponentReader.read(bytes);

    assertEquals(
        List.of(
            new Item("wasi:io/streams@0.2.0", "instance"),
            new Item("fermyon:spin/variables@2.0.0", "instance")),
        shape.imports());
    assertEquals(List.of(new Item("fermyon:spin/inbound-redis", "instance")), shape.exports());
    assertEquals(2, shape.coreModules().size());
    assertEquals(
        new ComponentShape.CoreModule(8, Sha256.hex(CORE)), shape.coreModules().getFirst());
    assertEquals(1, shape.nested());
    assertEquals(
        "it exports 'fermyon:spin/inbound-redis': the world fermyon:spin/redis-trigger, a Spin"
            + " handler of Redis messages",
        shape.world());
  }

  @Test
  void everyKindOfImportAndExportIsRead() throws ModuleFile.UnreadableException {
    byte[] bytes =
        join(
            HEADER,
            section(
                10,
                join(
                    new byte[] {4},
                    join(new byte[] {0}, text("m"), new byte[] {0, 0x11, 0}),
                    join(new byte[] {1}, text("f"), new byte[] {1, (byte) 0x80, 1}),
                    join(new byte[] {0}, text("t"), new byte[] {3, 1}),
                    join(new byte[] {0}, text("e"), new byte[] {3, 0, 7}))),
            section(
                11,
                join(
                    new byte[] {2},
                    join(new byte[] {0}, text("core"), new byte[] {0, 0x11, 3, 0}),
                    join(new byte[] {0}, text("wasi:cli/run@0.2.3"), new byte[] {5, 1, 1, 5, 4}))));

    ComponentShape shape = ComponentReader.read(bytes);

    assertEquals(
        List.of(
            new Item("m", "module"),
            new Item("f", "function"),
            new Item("t", "type"),
            new Item("e", "type")),
        shape.imports());
    assertEquals(
        List.of(new Item("core", "module"), new Item("wasi:cli/run@0.2.3", "instance")),
        shape.exports());
    assertEquals(
        "it exports 'wasi:cli/run@0.2.3': the world wasi:cli/command, a program", shape.world());
  }

  @Test
  void anotherWorldIsToldByItsExports() throws ModuleFile.UnreadableException {
    byte[] export = join(new byte[] {1, 0}, text("hello"), new byte[] {1, 0, 0});

    assertEquals(
        "it exports 'hello': a world of its own",
        ComponentReader.read(join(HEADER, section(11, export))).world());
    assertEquals(
        "it exports nothing: a library, or a world of its own",
        ComponentReader.read(HEADER).world());
  }

  @Test
  void aDamagedComponentIsRefusedAndNeverThrowsAnythingElse() {
    byte[] whole =
        join(
            HEADER,
            section(10, join(new byte[] {1}, imported("wasi:io/streams@0.2.0", 5, 0))),
            section(4, join(HEADER, section(1, CORE))));
    assertThrows(
        ModuleFile.UnreadableException.class,
        () -> ComponentReader.read(Arrays.copyOf(whole, whole.length - 1)));
    assertThrows(
        ModuleFile.UnreadableException.class,
        () -> ComponentReader.read(join(HEADER, section(10, new byte[] {1, 0, 1, 'v', 2, 0}))));
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = whole.clone();
      damaged[8 + random.nextInt(damaged.length - 8)] = (byte) random.nextInt();
      try {
        ComponentReader.read(damaged);
      } catch (ModuleFile.UnreadableException e) {
        // what is to be expected
      }
    }
  }

  @Test
  void componentsInComponentsComeToAnEnd() {
    byte[] component = HEADER;
    for (int i = 0; i < 80; i++) {
      component = join(HEADER, section(4, component));
    }
    byte[] deep = component;

    assertThrows(ModuleFile.UnreadableException.class, () -> ComponentReader.read(deep));
  }

  static byte[] section(int id, byte[] content) {
    return join(new byte[] {(byte) id}, number(content.length), content);
  }

  private static byte[] imported(String name, int sort, int index) {
    return join(new byte[] {0}, text(name), new byte[] {(byte) sort, (byte) index});
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return join(number(bytes.length), bytes);
  }

  private static byte[] number(int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int rest = value;
    while (rest >= 0x80) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}

package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.CustomSection;
import com.dylibso.chicory.wasm.types.DataCountSection;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.ElementSection;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.Section;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.StartSection;
import com.dylibso.chicory.wasm.types.TableSection;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.io.ByteArrayInputStream;
import java.util.List;

/**
 * What an instance of a compiled module needs of it: all but the bodies of its functions, which are
 * most of what a parsed module holds, and the custom sections that nobody reads.
 */
final class Skeleton {

  private static final FunctionBody NO_BODY = new FunctionBody(List.of(), List.of());
  private static final String NAMES = "name";
  private static final int[] SECTIONS = {
    SectionId.CUSTOM,
    SectionId.TYPE,
    SectionId.IMPORT,
    SectionId.FUNCTION,
    SectionId.TABLE,
    SectionId.MEMORY,
    SectionId.GLOBAL,
    SectionId.EXPORT,
    SectionId.START,
    SectionId.ELEMENT,
    SectionId.DATA,
    SectionId.DATA_COUNT,
    SectionId.TAG
  };

  private final WasmModule.Builder builder = WasmModule.builder().withValidation(false);

  private Skeleton() {}

  /** That of a module that has been parsed. */
  static WasmModule of(WasmModule module) {
    Skeleton skeleton = new Skeleton();
    skeleton.add(module.typeSection());
    skeleton.add(module.importSection());
    skeleton.add(module.functionSection());
    skeleton.add(module.tableSection());
    module.memorySection().ifPresent(skeleton::add);
    skeleton.add(module.globalSection());
    skeleton.add(module.exportSection());
    module.startSection().ifPresent(skeleton::add);
    skeleton.add(module.elementSection());
    skeleton.add(module.dataSection());
    module.dataCountSection().ifPresent(skeleton::add);
    module.tagSection().ifPresent(skeleton::add);
    module.customSections().forEach(skeleton::add);
    return skeleton.builder.build();
  }

  /** That of a module that has been parsed and validated before, and was found to be good. */
  static WasmModule parse(byte[] module) {
    Parser.Builder parser = Parser.builder();
    for (int section : SECTIONS) {
      parser.includeSectionId(section);
    }
    Skeleton skeleton = new Skeleton();
    parser.build().parse(new ByteArrayInputStream(module), skeleton::add);
    return skeleton.builder.build();
  }

  private void add(Section section) {
    switch (section) {
      case TypeSection types -> builder.setTypeSection(types);
      case ImportSection imports -> builder.setImportSection(imports);
      case FunctionSection functions -> {
        builder.setFunctionSection(functions);
        builder.setCodeSection(withoutBodies(functions.functionCount()));
      }
      case TableSection tables -> builder.setTableSection(tables);
      case MemorySection memories -> builder.setMemorySection(memories);
      case GlobalSection globals -> builder.setGlobalSection(globals);
      case ExportSection exports -> builder.setExportSection(exports);
      case StartSection start -> builder.setStartSection(start);
      case ElementSection elements -> builder.setElementSection(elements);
      case DataSection data -> builder.setDataSection(data);
      case DataCountSection count -> builder.setDataCountSection(count);
      case TagSection tags -> builder.setTagSection(tags);
      case CustomSection custom -> {
        if (custom.name().equals(NAMES)) {
          builder.addCustomSection(NAMES, custom);
        }
      }
      default ->
          throw new IllegalStateException("a section of an unknown kind: " + section.sectionId());
    }
  }

  private static CodeSection withoutBodies(int count) {
    CodeSection.Builder code = CodeSection.builder();
    for (int i = 0; i < count; i++) {
      code.addFunctionBody(NO_BODY);
    }
    return code.build();
  }
}

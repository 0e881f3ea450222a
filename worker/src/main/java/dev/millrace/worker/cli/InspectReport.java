package dev.millrace.worker.cli;

import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.inspection.ModuleReport;
import dev.millrace.worker.wasm.module.ComponentShape;
import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code inspect} prints.
 *
 * @param spec what the file was held against
 * @param report what was found
 * @param granted whether a manifest said what is granted
 */
record InspectReport(FunctionSpec spec, ModuleReport report, boolean granted) {

  private static final int LABEL_WIDTH = 9;

  /** For people: a line for each fact. */
  String text() {
    List<String> lines = new ArrayList<>();
    Inspection inspection = report.inspection();
    add(lines, "file", spec.program().module().orElseThrow().toString());
    add(lines, "kind", kind());
    if (report.bytes() > 0) {
      add(lines, "size", report.bytes() + " bytes");
      add(lines, "sha256", report.sha256());
    }
    if (report.kind() == ModuleFile.Kind.CORE_MODULE) {
      add(
          lines,
          "abi",
          inspection.abi().map(abi -> abi.name().toLowerCase(Locale.ROOT)).orElse("none")
              + ", because "
              + inspection.abiReason());
      inspection.export().ifPresent(export -> add(lines, "calls", export));
      add(lines, "features", list(report.features()));
      inspection
          .memories()
          .forEach(
              memory ->
                  add(
                      lines,
                      "memory",
                      memory.minBytes() + " bytes, growing to at most " + memory.maxBytes()));
      inspection.imports().forEach(i -> add(lines, "import", describe(i)));
      inspection
          .exports()
          .forEach(e -> add(lines, "export", join(e.kind(), e.name(), e.signature())));
    }
    report.component().ifPresent(component -> addComponent(lines, component));
    report
        .needs()
        .forEach((grant, imports) -> add(lines, "needs", grant + ", for " + list(imports)));
    if (granted) {
      inspection.warnings().forEach(warning -> add(lines, "warning", warning));
    }
    add(lines, "runs", report.runs() ? "yes" : "no");
    if (!report.runs()) {
      inspection.problems().forEach(problem -> add(lines, "", "- " + problem));
    }
    return String.join("\n", lines);
  }

  /** The same for programs. */
  Map<String, Object> json() {
    Inspection inspection = report.inspection();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", spec.program().module().orElseThrow().toString());
    json.put("kind", report.kind().name().toLowerCase(Locale.ROOT));
    json.put("bytes", report.bytes());
    json.put("sha256", report.sha256());
    json.put("runs", report.runs());
    json.put("problems", inspection.problems());
    json.put("warnings", granted ? inspection.warnings() : List.of());
    json.put("needs", report.needs());
    inspection.abi().ifPresent(abi -> json.put("abi", abi.name().toLowerCase(Locale.ROOT)));
    json.put("abi_reason", inspection.abiReason());
    inspection.export().ifPresent(export -> json.put("calls", export));
    json.put("features", List.copyOf(report.features()));
    json.put("memories", inspection.memories().stream().map(InspectReport::json).toList());
    json.put("imports", inspection.imports().stream().map(InspectReport::json).toList());
    json.put("exports", inspection.exports().stream().map(InspectReport::json).toList());
    report.component().ifPresent(component -> json.put("component", json(component)));
    return json;
  }

  private String kind() {
    return switch (report.kind()) {
      case CORE_MODULE -> "core module";
      case COMPONENT -> "component";
      case NOT_WASM -> "not WebAssembly";
    };
  }

  private static void addComponent(List<String> lines, ComponentShape component) {
    add(lines, "world", component.world());
    component.imports().forEach(item -> add(lines, "import", join(item.kind(), item.name(), "")));
    component.exports().forEach(item -> add(lines, "export", join(item.kind(), item.name(), "")));
    component
        .coreModules()
        .forEach(core -> add(lines, "module", core.bytes() + " bytes, sha256 " + core.sha256()));
    if (component.nested() > 0) {
      add(lines, "nested", component.nested() + " components");
    }
  }

  private static String describe(ModuleShape.Import imported) {
    String name = imported.module() + "." + imported.name();
    return join(imported.kind(), name, imported.signature())
        + (imported.granted() ? "" : "  (not provided)");
  }

  private static String join(String kind, String name, String signature) {
    return kind + " " + name + (signature.isEmpty() ? "" : " " + signature);
  }

  private static String list(Iterable<String> features) {
    String joined = String.join(", ", features);
    return joined.isEmpty() ? "none beyond WebAssembly 1.0" : joined;
  }

  private static void add(List<String> lines, String label, String value) {
    lines.add((label + " ".repeat(LABEL_WIDTH - label.length()) + value).stripTrailing());
  }

  private static Map<String, Object> json(ModuleShape.MemoryRange memory) {
    return Map.of("min_bytes", memory.minBytes(), "max_bytes", memory.maxBytes());
  }

  private static Map<String, Object> json(ModuleShape.Import imported) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("module", imported.module());
    json.put("name", imported.name());
    json.put("kind", imported.kind());
    json.put("signature", imported.signature());
    json.put("provided", imported.granted());
    return json;
  }

  private static Map<String, Object> json(ModuleShape.Export exported) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", exported.name());
    json.put("kind", exported.kind());
    json.put("signature", exported.signature());
    return json;
  }

  private static Map<String, Object> json(ComponentShape component) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("world", component.world());
    json.put("imports", component.imports().stream().map(InspectReport::json).toList());
    json.put("exports", component.exports().stream().map(InspectReport::json).toList());
    json.put(
        "core_modules",
        component.coreModules().stream()
            .map(core -> Map.of("bytes", core.bytes(), "sha256", core.sha256()))
            .toList());
    json.put("nested_components", component.nested());
    return json;
  }

  private static Map<String, Object> json(ComponentShape.Item item) {
    return Map.of("name", item.name(), "kind", item.kind());
  }
}

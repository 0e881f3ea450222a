package dev.millrace.worker.cli;

import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A module that is there, for which a manifest gets a function.
 *
 * @param imports the host calls that it imports
 */
record ExistingModule(Set<String> imports) {

  ExistingModule {
    imports = Set.copyOf(imports);
  }

  /**
   * Looks into a module.
   *
   * @throws CommandException if it is not there or cannot run
   */
  static ExistingModule inspect(Path module, String function) {
    if (!Files.isRegularFile(module)) {
      throw new CommandException(ExitCodes.NOT_FOUND, "there is no module " + module);
    }
    FunctionSpec bare =
        new FunctionSpec(
            function,
            module,
            Optional.empty(),
            Limits.DEFAULT,
            InstanceMode.FRESH,
            1,
            Map.of(),
            Map.of(),
            Grants.NONE);
    Inspection inspection;
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      inspection = engine.inspect(bare);
    }
    if (!inspection.ok()) {
      throw new CommandException(
          ExitCodes.MANIFEST_INVALID, String.join("\n", inspection.problems()));
    }
    return new ExistingModule(
        inspection.imports().stream()
            .filter(each -> each.module().equals("millrace"))
            .map(ModuleShape.Import::name)
            .collect(Collectors.toSet()));
  }

  /**
   * The keys of a manifest that let the module do what it imports, and comments on what only its
   * user knows.
   *
   * @param destination where it may publish to, if that is known
   */
  String grants(Optional<String> destination) {
    List<String> grants = new ArrayList<>();
    String comments = "";
    if (imports.contains("publish")) {
      if (destination.isPresent()) {
        grants.add("publish: [\"" + destination.get() + "\"]");
      } else {
        comments += "# it imports publish: name its destinations under allow.publish\n";
      }
    }
    if (imports.contains("once")) {
      grants.add("once: true");
    }
    if (imports.stream().anyMatch(each -> each.startsWith("kv_"))) {
      grants.add("kv: [default]");
    }
    if (imports.contains("http")) {
      comments += "# it imports http: name the origins that it may call under allow.http\n";
    }
    String allow = grants.isEmpty() ? "" : "allow: { " + String.join(", ", grants) + " }\n";
    return allow + comments;
  }
}

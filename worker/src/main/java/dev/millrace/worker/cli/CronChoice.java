package dev.millrace.worker.cli;

import dev.millrace.triggers.cron.CronOptions;
import dev.millrace.triggers.cron.CronSchedule;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Parameters;

/** Which cron trigger a command is about. */
final class CronChoice {

  @Parameters(paramLabel = "TRIGGER", description = "The name of a cron trigger.")
  private String name = "";

  String name() {
    return name;
  }

  /** When the trigger fires. */
  CronSchedule schedule(Manifest manifest) {
    return schedule(options(manifest));
  }

  /** What the manifest says of the trigger. */
  private CronOptions options(Manifest manifest) {
    Map<String, CronOptions> all = all(manifest);
    CronOptions options = all.get(name);
    if (options == null) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          "no cron trigger '%s'; the manifest has %s"
              .formatted(name, all.isEmpty() ? "none" : String.join(", ", all.keySet())));
    }
    return options;
  }

  static CronSchedule schedule(CronOptions options) {
    return CronSchedule.parse(options.schedule(), options.zone());
  }

  /** The cron triggers of a manifest, in its order. */
  static Map<String, CronOptions> all(Manifest manifest) {
    Map<String, CronOptions> all = new LinkedHashMap<>();
    for (TriggerSpec spec : manifest.triggers().values()) {
      if (spec.source() instanceof Source.Cron cron) {
        all.put(spec.name(), cron.options());
      }
    }
    return all;
  }
}

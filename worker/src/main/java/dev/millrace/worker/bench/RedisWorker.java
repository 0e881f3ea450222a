package dev.millrace.worker.bench;

import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import java.util.Map;

/** A worker whose triggers all hand the events of one Redis to the guest {@link Bench#TINY}. */
final class RedisWorker {

  private RedisWorker() {}

  /**
   * Starts it. Blocks.
   *
   * @param sources what each trigger reads, as a manifest says it, by the trigger's name
   */
  static Worker start(Bench bench, Map<String, String> sources, WorkerOptions options)
      throws Exception {
    StringBuilder manifest =
        new StringBuilder(
            """
            app: { name: bench }
            connections:
              cache: { redis: { url: "%s" } }
            functions:
              tiny: { wasm: tiny.wasm }
            triggers:
            """
                .formatted(bench.redis()));
    sources.forEach(
        (trigger, source) ->
            manifest.append(
                """
                  %s:
                    redis: { connection: cache, %s }
                    function: tiny
                """
                    .formatted(trigger, source)));
    return Worker.start(bench.manifest(manifest.toString()), options);
  }
}

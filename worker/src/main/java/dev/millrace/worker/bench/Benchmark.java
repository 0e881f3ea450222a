package dev.millrace.worker.bench;

import java.util.List;

/** One thing that is measured. */
public interface Benchmark {

  /** Names it on the command line: lower case, without spaces. */
  String name();

  /** One sentence on what is done and compared. */
  String description();

  /**
   * Measures. Blocks, for seconds or minutes. Leaves nothing running that it started.
   *
   * @return what was measured, in the order in which it is to be shown
   * @throws Exception if it could not be measured; the message says why
   */
  List<Figure> run(Bench bench) throws Exception;
}

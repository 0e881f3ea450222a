package dev.millrace.worker.admin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A parsed answer in Prometheus' text form. */
record Scrape(Map<String, String> types, Map<String, Double> samples) {

  static Scrape of(Metrics metrics) {
    return parse(new String(metrics.scrape(), StandardCharsets.UTF_8));
  }

  static Scrape parse(String text) {
    Map<String, String> types = new TreeMap<>();
    Map<String, Double> samples = new TreeMap<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        List<String> words = List.of(line.split(" "));
        types.put(words.get(2), words.get(3));
      } else if (!line.startsWith("#")) {
        int space = line.lastIndexOf(' ');
        Double earlier =
            samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
        if (earlier != null) {
          throw new AssertionError("sample twice in one scrape: " + line);
        }
      }
    }
    return new Scrape(types, samples);
  }

  /** A sample by its name and labels, {@code name{label="value"}}. */
  double value(String sample) {
    Double value = samples.get(sample);
    if (value == null) {
      throw new AssertionError("no " + sample + " among " + samples.keySet());
    }
    return value;
  }

  boolean has(String sample) {
    return samples.containsKey(sample);
  }
}

package dev.millrace.worker.wasm;

import java.util.Set;

/**
 * What a guest may reach beyond its event: nothing that is not here.
 *
 * @param publishTo the destinations that it may name, as {@code connection/target}; {@code *} ends
 *     a prefix
 * @param once whether it may claim keys by {@code once}
 */
public record Grants(Set<String> publishTo, boolean once) {

  public static final Grants NONE = new Grants(Set.of(), false);

  public Grants {
    publishTo = Set.copyOf(publishTo);
  }

  /** May publish to these destinations and nothing else. */
  public static Grants publishTo(Set<String> destinations) {
    return new Grants(destinations, false);
  }
}

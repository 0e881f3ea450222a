package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.BitSet;

/**
 * Stops calling a function that fails at nearly everything, and finds out by single calls when it
 * is well again.
 *
 * <p>Closed: the latest calls are watched. Open: nothing is called until the pause is over. Half
 * open: one call at a time, the probe; its success closes the breaker, its failure opens it again
 * for twice as long. Each change begins a new epoch; what a call of an earlier epoch says does not
 * count. Not safe for threads: {@link FunctionGate} guards it.
 *
 * @see <a href="https://martinfowler.com/bliki/CircuitBreaker.html">Circuit breaker</a>
 */
final class Breaker {

  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  /** What {@link #admit} answers when the function must not be called. */
  static final long REFUSED = -1;

  private final BreakerPolicy policy;
  private final BitSet failed;
  private State state = State.CLOSED;
  private long epoch;
  private int seen;
  private int failures;
  private boolean probing;
  private Duration pause;

  Breaker(BreakerPolicy policy) {
    this.policy = policy;
    this.failed = new BitSet(policy.window());
    this.pause = policy.open();
  }

  State state() {
    return state;
  }

  /** Whether a call would be admitted now. */
  boolean admits() {
    return switch (state) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> !probing;
    };
  }

  /** Admits a call and answers its epoch, or {@link #REFUSED}. */
  long admit() {
    if (!admits()) {
      return REFUSED;
    }
    probing = state == State.HALF_OPEN;
    return epoch;
  }

  /** How long the breaker stays open once it has opened. */
  Duration pause() {
    return pause;
  }

  /** The pause is over. */
  void pauseOver() {
    if (state == State.OPEN) {
      change(State.HALF_OPEN);
    }
  }

  /**
   * Notes how an admitted call went; true if the state has changed by it.
   *
   * @param admittedIn the epoch that {@link #admit} answered
   */
  boolean report(long admittedIn, Health health) {
    if (admittedIn != epoch || state == State.OPEN) {
      return false;
    }
    if (state == State.HALF_OPEN) {
      return probed(health);
    }
    if (health == Health.UNKNOWN) {
      return false;
    }
    note(health == Health.FAILED);
    if (seen < policy.window() || failures < policy.failureRatio() * policy.window()) {
      return false;
    }
    pause = policy.open();
    change(State.OPEN);
    return true;
  }

  private boolean probed(Health health) {
    probing = false;
    switch (health) {
      case UNKNOWN -> {
        return false;
      }
      case WELL -> {
        failed.clear();
        seen = 0;
        failures = 0;
        change(State.CLOSED);
      }
      case FAILED -> {
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(policy.maxOpen()) > 0 ? policy.maxOpen() : doubled;
        change(State.OPEN);
      }
    }
    return true;
  }

  private void note(boolean failure) {
    int place = seen % policy.window();
    if (seen >= policy.window() && failed.get(place)) {
      failures--;
    }
    failed.set(place, failure);
    failures += failure ? 1 : 0;
    seen = seen == 2 * policy.window() - 1 ? policy.window() : seen + 1;
  }

  private void change(State next) {
    state = next;
    epoch++;
    probing = false;
  }
}

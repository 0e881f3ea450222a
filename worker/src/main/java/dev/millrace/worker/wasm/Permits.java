package dev.millrace.worker.wasm;

import java.util.concurrent.Semaphore;

/** A semaphore whose number of permits can change while some are taken. */
final class Permits extends Semaphore {

  private static final long serialVersionUID = 1L;

  private int total;

  Permits(int total) {
    super(total);
    this.total = total;
  }

  /** Changes how many permits there are; those that are taken stay taken. */
  synchronized void resize(int wanted) {
    if (wanted > total) {
      release(wanted - total);
    } else {
      reducePermits(total - wanted);
    }
    total = wanted;
  }
}

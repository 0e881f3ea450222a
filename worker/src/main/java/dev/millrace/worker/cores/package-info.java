/**
 * Who may use a core, and when: the threads that run guests which only compute, the seats of those
 * which wait for others, and the turns that functions take at both.
 *
 * <p>Guests that only compute run on {@link dev.millrace.worker.cores.WorkerThreads}' platform
 * threads, {@code worker-1} and so on. Guests that may wait run on virtual threads and hold one of
 * the {@link dev.millrace.worker.cores.Seats} while they compute. Both ask a {@code Rota} whose
 * turn it is, under their own lock; {@code Rota} has no thread and no clock.
 */
@NullMarked
package dev.millrace.worker.cores;

import org.jspecify.annotations.NullMarked;

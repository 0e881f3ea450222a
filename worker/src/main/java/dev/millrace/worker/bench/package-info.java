/**
 * What {@code millrace bench} measures: Millrace beside what it is compared with, by turns in one
 * process, so that both meet the same machine. What counts is a ratio within one run; absolute
 * figures depend on the machine.
 *
 * <p>A {@link dev.millrace.worker.bench.Benchmark} answers {@link
 * dev.millrace.worker.bench.Figure}s, each with the {@link dev.millrace.worker.bench.Goal} it has
 * to meet. It finds brokers, guests and a directory of its own in its {@link
 * dev.millrace.worker.bench.Bench}, reads clocks by {@link dev.millrace.worker.bench.Usage}, and
 * compares by {@link dev.millrace.worker.bench.Turns}. What it is compared with lies beside the
 * client that it needs: {@code triggers.kafka.bench}, {@code triggers.redis.bench}, {@code
 * worker.wasm.bench}. {@link dev.millrace.worker.bench.Benchmarks} lists them all.
 *
 * <p>Everything runs on the thread that called, unless a class says otherwise.
 */
@NullMarked
package dev.millrace.worker.bench;

import org.jspecify.annotations.NullMarked;

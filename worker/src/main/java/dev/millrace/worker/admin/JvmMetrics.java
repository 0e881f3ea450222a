package dev.millrace.worker.admin;

import com.sun.management.OperatingSystemMXBean;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;

/** The process itself: memory, processor time, threads and garbage collection. */
final class JvmMetrics {

  private static final Attributes HEAP = Attributes.of(Instrument.Labels.KEY_MEMORY_TYPE, "heap");
  private static final Attributes NON_HEAP =
      Attributes.of(Instrument.Labels.KEY_MEMORY_TYPE, "non_heap");

  private JvmMetrics() {}

  static void register(Meter meter) {
    memory(meter);
    processor(meter);
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    ObservableDoubleMeasurement uptime = Instrument.UPTIME.observedSeconds(meter);
    ObservableLongMeasurement threadCount = Instrument.JVM_THREADS.observed(meter);
    meter.batchCallback(
        () -> {
          uptime.record(runtime.getUptime() / 1e3);
          threadCount.record(threads.getThreadCount());
        },
        uptime,
        threadCount);
  }

  private static void memory(Meter meter) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    ObservableLongMeasurement used = Instrument.JVM_MEMORY_USED.observed(meter);
    ObservableLongMeasurement committed = Instrument.JVM_MEMORY_COMMITTED.observed(meter);
    ObservableLongMeasurement limit = Instrument.JVM_MEMORY_LIMIT.observed(meter);
    meter.batchCallback(
        () -> {
          record(memory.getHeapMemoryUsage(), HEAP, used, committed, limit);
          record(memory.getNonHeapMemoryUsage(), NON_HEAP, used, committed, limit);
        },
        used,
        committed,
        limit);
  }

  private static void record(
      MemoryUsage usage,
      Attributes type,
      ObservableLongMeasurement used,
      ObservableLongMeasurement committed,
      ObservableLongMeasurement limit) {
    used.record(usage.getUsed(), type);
    committed.record(usage.getCommitted(), type);
    if (usage.getMax() >= 0) {
      limit.record(usage.getMax(), type);
    }
  }

  private static void processor(Meter meter) {
    ObservableDoubleMeasurement cpuTime = Instrument.JVM_CPU_TIME.observedSeconds(meter);
    ObservableDoubleMeasurement gcTime = Instrument.JVM_GC_TIME.observedSeconds(meter);
    ObservableLongMeasurement cpuCount = Instrument.JVM_CPU_COUNT.observed(meter);
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    meter.batchCallback(
        () -> {
          cpuTime.record(system.getProcessCpuTime() / 1e9);
          cpuCount.record(Runtime.getRuntime().availableProcessors());
          gcTime.record(
              ManagementFactory.getGarbageCollectorMXBeans().stream()
                      .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                      .sum()
                  / 1e3);
        },
        cpuTime,
        gcTime,
        cpuCount);
  }
}

package dev.millrace.worker.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What was used between two moments.
 *
 * @param wallNanos time that passed
 * @param cpuNanos processor time of the whole process, compiler and collector included
 * @param allocatedBytes what the Java threads allocated, 0 where the JVM does not count it
 */
public record Usage(long wallNanos, long cpuNanos, long allocatedBytes) {

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final Path STATUS = Path.of("/proc/self/status");

  /** What the process has used up to now; only the difference of two means something. */
  public static Usage now() {
    long allocated = THREADS.isThreadAllocatedMemoryEnabled() ? allocatedByAll() : 0;
    return new Usage(System.nanoTime(), SYSTEM.getProcessCpuTime(), allocated);
  }

  private static long allocatedByAll() {
    return Math.max(0, THREADS.getTotalThreadAllocatedBytes());
  }

  /** What has been used since an earlier moment. */
  public Usage since(Usage earlier) {
    return new Usage(
        wallNanos - earlier.wallNanos,
        cpuNanos - earlier.cpuNanos,
        allocatedBytes - earlier.allocatedBytes);
  }

  /** The same without what somebody else in the process used meanwhile, a load generator say. */
  public Usage without(Usage other) {
    return new Usage(wallNanos, cpuNanos - other.cpuNanos, allocatedBytes - other.allocatedBytes);
  }

  /** The processor time and the allocation of the calling thread alone up to now. */
  public static Usage ofThread() {
    return new Usage(
        System.nanoTime(),
        THREADS.getCurrentThreadCpuTime(),
        THREADS.getCurrentThreadAllocatedBytes());
  }

  /** How many a second, for so many in all. */
  public double perSecond(long count) {
    return count * 1e9 / wallNanos;
  }

  /** How many for a second of processor time, for so many in all. */
  public double perCpuSecond(long count) {
    return count * 1e9 / cpuNanos;
  }

  /** Microseconds of processor time for each of so many. */
  public double cpuMicros(long count) {
    return cpuNanos / 1e3 / count;
  }

  /** Bytes allocated for each of so many. */
  public double bytes(long count) {
    return (double) allocatedBytes / count;
  }

  /** What each of so many used on either side, in words. */
  static String beside(Turns<Usage> turns, long count) {
    return String.format(
        Locale.ROOT,
        "CPU %.1f µs ÷ %.1f µs; allocated %.0f B ÷ %.0f B",
        turns.subject(usage -> usage.cpuMicros(count)).median(),
        turns.baseline(usage -> usage.cpuMicros(count)).median(),
        turns.subject(usage -> usage.bytes(count)).median(),
        turns.baseline(usage -> usage.bytes(count)).median());
  }

  /**
   * The memory of this process that is resident at this moment, in bytes, after a collection; 0
   * where the system does not tell.
   */
  public static long residentBytes() throws IOException {
    System.gc();
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }
}

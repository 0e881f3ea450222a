package dev.millrace.triggers.kafka;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;

/**
 * A real producer with trouble at one chosen call. Either the call fails and the producer stays
 * what it is, or the producer dies with it, as under kill -9: nothing it is asked afterwards
 * reaches the broker, and what was open stays open.
 */
final class FaultyProducer {

  private final Producer<byte[], byte[]> real;
  private final Fault fault;
  private int calls;
  private boolean dead;

  /**
   * The trouble.
   *
   * @param method the producer's method
   * @param nth at which call of it, from 1
   * @param reaches whether the broker still sees the call
   * @param failure what the caller sees; an {@link Error} is a death
   */
  record Fault(String method, int nth, boolean reaches, Throwable failure) {

    static Fault none() {
      return new Fault("nothing", 0, true, new AssertionError());
    }
  }

  private FaultyProducer(Producer<byte[], byte[]> real, Fault fault) {
    this.real = real;
    this.fault = fault;
  }

  @SuppressWarnings("unchecked")
  static Producer<byte[], byte[]> over(Producer<byte[], byte[]> real, Fault fault) {
    FaultyProducer faulty = new FaultyProducer(real, fault);
    return (Producer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Producer.class.getClassLoader(),
            new Class<?>[] {Producer.class},
            (proxy, method, arguments) -> faulty.call(method, arguments));
  }

  private synchronized Object call(java.lang.reflect.Method method, Object[] arguments)
      throws Throwable {
    boolean closing = method.getName().equals("close");
    if (dead && closing) {
      real.close(Duration.ZERO);
      return null;
    }
    if (dead) {
      throw fault.failure();
    }
    boolean now = method.getName().equals(fault.method()) && ++calls == fault.nth();
    if (now && fault.failure() instanceof Error) {
      dead = true;
    }
    try {
      Object answer = now && !fault.reaches() ? null : method.invoke(real, arguments);
      if (now) {
        throw fault.failure();
      }
      return answer;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}

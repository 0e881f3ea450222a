package dev.millrace.triggers.kafka;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;
import javax.management.ObjectInstance;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JVM's server of MBeans register them when somebody looks. Kafka's clients register
 * their version there as they start, whatever their settings, for which the JVM first registers all
 * beans of its own and asks each what it has to tell, Flight Recorder's settings included: a tenth
 * of what the start of a worker costs. Here beans are only kept, until something else is asked of
 * the server than whether a bean is registered; then all of them are registered in their order.
 */
public final class LateMBeans extends MBeanServerBuilder {

  private static final String BUILDER = "javax.management.builder.initial";

  /** Makes it. For the JVM, which does so by reflection. */
  public LateMBeans() {}

  /**
   * Makes the JVM's server now, as such a one. Does nothing where there is one, for example because
   * an agent was asked for at the start, or where the user has chosen how servers are made. Any
   * thread.
   */
  static void install() {
    Holder.ensure();
  }

  @Override
  public MBeanServer newMBeanServer(
      String domain, @Nullable MBeanServer outer, MBeanServerDelegate delegate) {
    MBeanServer server = super.newMBeanServer(domain, outer, delegate);
    return (MBeanServer)
        Proxy.newProxyInstance(
            LateMBeans.class.getClassLoader(),
            new Class<?>[] {MBeanServer.class},
            new Late(server));
  }

  /** Once in the life of the JVM. */
  private static final class Holder {

    static {
      if (System.getProperty(BUILDER) == null) {
        Thread thread = Thread.currentThread();
        ClassLoader loader = thread.getContextClassLoader();
        // It is that loader which the JVM asks for the class.
        thread.setContextClassLoader(LateMBeans.class.getClassLoader());
        System.setProperty(BUILDER, LateMBeans.class.getName());
        try {
          ManagementFactory.getPlatformMBeanServer();
        } finally {
          System.clearProperty(BUILDER);
          thread.setContextClassLoader(loader);
        }
      }
    }

    private Holder() {}

    static void ensure() {}
  }

  /** Answers for a server. Safe for any number of threads. */
  private static final class Late implements InvocationHandler {

    private static final Logger LOG = LoggerFactory.getLogger(LateMBeans.class);
    private static final String REGISTER = "registerMBean";
    private static final String UNREGISTER = "unregisterMBean";
    private static final String IS_REGISTERED = "isRegistered";

    private final MBeanServer server;

    /** In their order. Guarded by this. */
    private final LinkedHashMap<ObjectName, Object> beans = new LinkedHashMap<>();

    /** Set once, under the monitor. */
    private volatile boolean awake;

    Late(MBeanServer server) {
      this.server = server;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      Object[] given = arguments == null ? new Object[0] : arguments;
      if (method.getDeclaringClass() == Object.class) {
        return switch (method.getName()) {
          case "equals" -> isProxy(given[0]);
          case "hashCode" -> hashCode();
          default -> "late " + server;
        };
      }
      if (!awake) {
        synchronized (this) {
          if (!awake) {
            if (canWait(method.getName(), given)) {
              return postpone(method.getName(), given);
            }
            wake();
          }
        }
      }
      try {
        return method.invoke(server, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private boolean isProxy(@Nullable Object other) {
      return other != null
          && Proxy.isProxyClass(other.getClass())
          && equals(Proxy.getInvocationHandler(other));
    }

    private static boolean canWait(String method, Object[] given) {
      return switch (method) {
        // Without a name, the bean chooses one as it is registered.
        case REGISTER -> given[0] != null && given[1] != null;
        case UNREGISTER, IS_REGISTERED -> given[0] != null;
        default -> false;
      };
    }

    private @Nullable Object postpone(String method, Object[] given) throws JMException {
      return switch (method) {
        case REGISTER -> register(given[0], (ObjectName) given[1]);
        case UNREGISTER -> {
          unregister((ObjectName) given[0]);
          yield null;
        }
        default -> isRegistered((ObjectName) given[0]);
      };
    }

    private boolean isRegistered(ObjectName name) {
      return beans.containsKey(name) || server.isRegistered(name);
    }

    private ObjectInstance register(Object bean, ObjectName name) throws JMException {
      if (isRegistered(name)) {
        throw new InstanceAlreadyExistsException(name.toString());
      }
      beans.put(name, bean);
      return new ObjectInstance(name, bean.getClass().getName());
    }

    private void unregister(ObjectName name) throws JMException {
      if (beans.remove(name) == null) {
        server.unregisterMBean(name);
      }
    }

    /** A bean may register others as it is registered, or ask for some. */
    private void wake() {
      for (Map.Entry<ObjectName, Object> next = beans.pollFirstEntry();
          next != null;
          next = beans.pollFirstEntry()) {
        try {
          server.registerMBean(next.getValue(), next.getKey());
        } catch (JMException | RuntimeException e) {
          LOG.atWarn().addKeyValue("name", next.getKey()).setCause(e).log("MBean not registered");
        }
      }
      awake = true;
    }
  }
}

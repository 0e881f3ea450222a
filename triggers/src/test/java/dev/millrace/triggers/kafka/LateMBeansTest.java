package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.DynamicMBean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanInfo;
import javax.management.MBeanRegistration;
import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.ObjectInstance;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class LateMBeansTest {

  private final MBeanServerBuilder builder = new LateMBeans();
  private final MBeanServer server =
      builder.newMBeanServer("test", null, builder.newMBeanServerDelegate());

  @Test
  void whatIsRegisteredIsNotAskedUntilSomebodyLooks() throws Exception {
    Bean bean = new Bean();

    ObjectInstance registered = server.registerMBean(bean, name("a"));

    assertEquals(name("a"), registered.getObjectName());
    assertTrue(server.isRegistered(name("a")));
    assertFalse(server.isRegistered(name("b")));
    assertEquals(0, bean.asked.get());
    assertEquals("value of x", server.getAttribute(name("a"), "x"));
    assertTrue(bean.asked.get() > 0);
  }

  @Test
  void whoLooksFindsAllAndWhatComesLaterIsThereAtOnce() throws Exception {
    server.registerMBean(new Bean(), name("a"));
    server.registerMBean(new Bean(), name("b"));
    server.unregisterMBean(name("a"));

    assertEquals(Set.of(name("b")), server.queryNames(name("*"), null));

    server.registerMBean(new Bean(), name("c"));
    server.unregisterMBean(name("b"));
    assertEquals(Set.of(name("c")), server.queryNames(name("*"), null));
  }

  @Test
  void refusesWhatAServerRefuses() throws Exception {
    server.registerMBean(new Bean(), name("a"));

    assertThrows(
        InstanceAlreadyExistsException.class, () -> server.registerMBean(new Bean(), name("a")));
    assertThrows(InstanceNotFoundException.class, () -> server.unregisterMBean(name("b")));
    server.getMBeanCount();
    assertThrows(
        InstanceAlreadyExistsException.class, () -> server.registerMBean(new Bean(), name("a")));
    assertThrows(InstanceNotFoundException.class, () -> server.unregisterMBean(name("b")));
  }

  @Test
  void aBeanThatCannotBeRegisteredDoesNotKeepTheOthersFromIt() throws Exception {
    server.registerMBean("no bean", name("a"));
    server.registerMBean(new Bean(), name("b"));

    assertEquals(Set.of(name("b")), server.queryNames(name("*"), null));
  }

  @Test
  void aBeanMayRegisterOthersAndLookAroundAsItIsRegistered() throws Exception {
    server.registerMBean(new Parent(server, name("child")), name("parent"));
    server.registerMBean(new Bean(), name("sibling"));

    assertEquals(
        Set.of(name("parent"), name("child"), name("sibling")), server.queryNames(name("*"), null));
  }

  @Test
  void theBeansOfTheJvmAreThereForWhoLooks() throws Exception {
    LateMBeans.install();

    MBeanServer jvm = ManagementFactory.getPlatformMBeanServer();

    ObjectName memory = new ObjectName(ManagementFactory.MEMORY_MXBEAN_NAME);
    assertTrue(jvm.isRegistered(memory));
    assertEquals(false, jvm.getAttribute(memory, "Verbose"));
    assertEquals(jvm, ManagementFactory.getPlatformMBeanServer());
    assertNotEquals(jvm, server);
    assertNull(System.getProperty("javax.management.builder.initial"));
  }

  /** Registers another one when it is registered itself, and counts them. */
  private static final class Parent extends Bean implements MBeanRegistration {
    private final MBeanServer home;
    private final ObjectName child;

    Parent(MBeanServer home, ObjectName child) {
      this.home = home;
      this.child = child;
    }

    @Override
    public ObjectName preRegister(MBeanServer server, ObjectName name) throws Exception {
      home.registerMBean(new Bean(), child);
      home.getMBeanCount();
      return name;
    }

    @Override
    public void postRegister(Boolean done) {}

    @Override
    public void preDeregister() {}

    @Override
    public void postDeregister() {}
  }

  private static ObjectName name(String name) throws Exception {
    return new ObjectName("test:name=" + name);
  }

  /** Counts what it is asked. */
  private static class Bean implements DynamicMBean {
    private final AtomicInteger asked = new AtomicInteger();

    @Override
    public Object getAttribute(String attribute) {
      asked.incrementAndGet();
      return "value of " + attribute;
    }

    @Override
    public void setAttribute(Attribute attribute) {}

    @Override
    public AttributeList getAttributes(String[] attributes) {
      return new AttributeList();
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
      return attributes;
    }

    @Override
    public Object invoke(String action, Object[] parameters, String[] signature) {
      return "";
    }

    @Override
    public MBeanInfo getMBeanInfo() {
      asked.incrementAndGet();
      return new MBeanInfo(Bean.class.getName(), "a bean", null, null, null, null);
    }
  }
}

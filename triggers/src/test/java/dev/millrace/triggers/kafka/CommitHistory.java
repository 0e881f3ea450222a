package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What the members of a group commit, held against what they own and what was acknowledged. Safe
 * for any thread.
 */
final class CommitHistory {

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final AtomicInteger commits = new AtomicInteger();

  /** Notes, before it is settled, that an event will be. */
  void acknowledged(Event event) {
    acknowledged.add(event.id());
  }

  List<String> violations() {
    return violations;
  }

  int commits() {
    return commits.get();
  }

  /** A consumer whose commits are looked at. */
  @SuppressWarnings("unchecked")
  Consumer<byte[], byte[]> over(String member, Consumer<byte[], byte[]> real) {
    return (Consumer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Consumer.class.getClassLoader(),
            new Class<?>[] {Consumer.class},
            (proxy, method, arguments) -> {
              if (method.getName().startsWith("commit")
                  && arguments != null
                  && arguments[0] instanceof Map<?, ?> positions) {
                commits.incrementAndGet();
                Set<TopicPartition> owned = real.assignment();
                ((Map<TopicPartition, OffsetAndMetadata>) positions)
                    .forEach((id, position) -> check(member, owned, id, position));
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void check(
      String member, Set<TopicPartition> owned, TopicPartition id, OffsetAndMetadata position) {
    if (!owned.contains(id)) {
      violations.add(member + " commits " + id + ", which it does not own");
    }
    claim(member, id, 0, position.offset());
    CommitMetadata.decode(position.offset(), position.metadata())
        .ifPresent(
            ranges -> ranges.forEach(range -> claim(member, id, range.first(), range.end())));
  }

  private void claim(String member, TopicPartition id, long from, long end) {
    for (long offset = from; offset < end; offset++) {
      if (!acknowledged.contains("kafka:" + id.topic() + "/" + id.partition() + "/" + offset)) {
        violations.add(member + " calls " + id + "/" + offset + " finished, which it is not");
        return;
      }
    }
  }
}

package dev.millrace.worker;

import dev.millrace.triggers.TriggerFactory;
import dev.millrace.triggers.cron.CronScheduler;
import dev.millrace.triggers.cron.CronTriggerFactory;
import dev.millrace.triggers.kafka.KafkaConnection;
import dev.millrace.triggers.kafka.KafkaQueueTriggerFactory;
import dev.millrace.triggers.kafka.KafkaTriggerFactory;
import dev.millrace.triggers.redis.ListTriggerFactory;
import dev.millrace.triggers.redis.PubSubTriggerFactory;
import dev.millrace.triggers.redis.RedisConnection;
import dev.millrace.triggers.redis.StreamTriggerFactory;
import dev.millrace.worker.manifest.Connection;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.store.Store;

/** Makes the factory for each kind of trigger. A new kind of source is wired here. */
record Triggers(Manifest manifest, Store store, CronScheduler scheduler) {

  TriggerFactory factory(TriggerSpec spec) {
    return switch (spec.source()) {
      case Source.Kafka kafka ->
          new KafkaTriggerFactory(kafka.connection(), kafka(kafka.connection()), kafka.options());
      case Source.Queue queue ->
          new KafkaQueueTriggerFactory(kafka(queue.connection()), queue.options());
      case Source.PubSub pubSub ->
          new PubSubTriggerFactory(redis(pubSub.connection()), pubSub.options(), store.journal());
      case Source.RedisStream stream ->
          new StreamTriggerFactory(redis(stream.connection()), stream.options());
      case Source.RedisList list ->
          new ListTriggerFactory(redis(list.connection()), list.options());
      case Source.Cron cron ->
          new CronTriggerFactory(cron.options(), store.fireLedger(), scheduler);
    };
  }

  /** The messaging system behind a source, as metrics name it. */
  static String system(Source source) {
    return switch (source) {
      case Source.Kafka kafka -> "kafka";
      case Source.Queue queue -> "kafka";
      case Source.PubSub pubSub -> "redis";
      case Source.RedisStream stream -> "redis";
      case Source.RedisList list -> "redis";
      case Source.Cron cron -> "cron";
    };
  }

  /** Whether an event of this source is at least as safe in the store as where it came from. */
  static boolean mayPark(Source source) {
    return switch (source) {
      case Source.PubSub pubSub -> true;
      case Source.Cron cron -> true;
      case Source.Kafka kafka -> false;
      case Source.Queue queue -> false;
      case Source.RedisStream stream -> false;
      case Source.RedisList list -> false;
    };
  }

  private KafkaConnection kafka(String name) {
    if (manifest.connections().get(name) instanceof Connection.Kafka connection) {
      return connection.kafka();
    }
    throw new IllegalStateException("no Kafka connection '" + name + "'");
  }

  private RedisConnection redis(String name) {
    if (manifest.connections().get(name) instanceof Connection.Redis connection) {
      return connection.redis();
    }
    throw new IllegalStateException("no Redis connection '" + name + "'");
  }
}

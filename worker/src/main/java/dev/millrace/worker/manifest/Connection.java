package dev.millrace.worker.manifest;

import dev.millrace.triggers.kafka.KafkaConnection;
import dev.millrace.triggers.redis.RedisConnection;

/** A broker that the manifest names. */
public sealed interface Connection {

  /** A Kafka cluster. */
  record Kafka(KafkaConnection kafka) implements Connection {}

  /** A Redis server. */
  record Redis(RedisConnection redis) implements Connection {}
}

package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producers by name. A record's value begins with its id, and zero bytes fill it up to its size. */
final class Producers {
  private static final class Instance {
    final String name;
    final KafkaProducer<byte[], byte[]> producer;
    final ExecutorService thread;
    volatile boolean loaded;

    Instance(String name, KafkaProducer<byte[], byte[]> producer, ThreadFactory threads) {
      this.name = name;
      this.producer = producer;
      this.thread = Executors.newSingleThreadExecutor(threads);
    }
  }

  private final Map<String, Instance> instances = new ConcurrentHashMap<>();

  JsonNode open(JsonNode c) {
    String name = c.get("name").asText();
    Map<String, Object> config = new HashMap<>();
    c.get("config").fields().forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
    config.put("client.id", name);
    var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    instances.put(name, new Instance(name, producer, daemon(name)));
    return null;
  }

  static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  JsonNode send(JsonNode c) {
    Instance p = instances.get(c.get("name").asText());
    p.thread.submit(() -> c.get("ids").forEach(id -> send(p, c, id.asText())));
    return null;
  }

  private void send(Instance p, JsonNode c, String id) {
    Integer partition = c.hasNonNull("partition") ? c.get("partition").asInt() : null;
    byte[] key = c.hasNonNull("key") ? c.get("key").asText().getBytes(StandardCharsets.UTF_8) : null;
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    byte[] value = java.util.Arrays.copyOf(name, Math.max(name.length, c.get("size").asInt()));
    var record = new ProducerRecord<>(c.get("topic").asText(), partition, key, value);
    Driver.write(Driver.event("sending").put("producer", p.name).put("record", id));
    try {
      p.producer.send(record, (metadata, error) -> {
        ObjectNode e = Driver.event("result").put("producer", p.name).put("record", id);
        e.put("partition", metadata == null || metadata.partition() < 0 ? null : metadata.topic() + "-" + metadata.partition());
        e.put("offset", error != null || !metadata.hasOffset() ? -1 : metadata.offset());
        Driver.write(e.put("error", error == null ? "NONE" : nameOf(error)));
      });
    } catch (Exception error) {
      ObjectNode e = Driver.event("result").put("producer", p.name).put("record", id);
      Driver.write(e.putNull("partition").put("offset", -1).put("error", nameOf(error)));
    }
  }

  static String nameOf(Throwable error) {
    if (error instanceof TimeoutException) return "TIMEOUT";
    Errors known = Errors.forException(error);
    return known == Errors.UNKNOWN_SERVER_ERROR ? error.getClass().getSimpleName() : known.name();
  }

  /** A constant rate until stopped, or until `total` records were sent. */
  JsonNode load(JsonNode c) {
    Instance p = instances.get(c.get("name").asText());
    double perSecond = c.get("perSecond").asDouble();
    long total = c.hasNonNull("total") ? c.get("total").asLong() : Long.MAX_VALUE;
    p.loaded = true;
    p.thread.submit(() -> {
      long begun = System.nanoTime();
      for (long n = 0; n < total && p.loaded; n++) {
        long due = begun + (long) (n * 1e9 / perSecond);
        long wait = due - System.nanoTime();
        if (wait > 0) java.util.concurrent.locks.LockSupport.parkNanos(wait);
        send(p, c, p.name + "#" + n);
      }
    });
    return null;
  }

  JsonNode stopLoad(JsonNode c) {
    Instance p = instances.get(c.get("name").asText());
    p.loaded = false;
    return null;
  }

  JsonNode close(JsonNode c) {
    Instance p = instances.remove(c.get("name").asText());
    if (p == null) return null;
    p.loaded = false;
    p.producer.close(Duration.ofMillis(c.get("timeoutMs").asLong()));
    p.thread.shutdownNow();
    return null;
  }
}

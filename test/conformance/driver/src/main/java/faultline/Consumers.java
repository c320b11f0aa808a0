package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Consumers by name, each with the poll loop of an application. */
final class Consumers {
  private final Map<String, Loop> loops = new ConcurrentHashMap<>();

  JsonNode open(JsonNode c) {
    Loop loop = new Loop(c);
    loops.put(loop.name, loop);
    loop.start();
    return null;
  }

  JsonNode positions(JsonNode c) throws Exception {
    Loop loop = loops.get(c.get("name").asText());
    if (loop == null) return null;
    CompletableFuture<ObjectNode> answer = new CompletableFuture<>();
    loop.questions.add(answer);
    return answer.get(3, TimeUnit.SECONDS);
  }

  JsonNode polling(JsonNode c) {
    Loop loop = loops.get(c.get("name").asText());
    loop.polls = c.get("on").asBoolean();
    return null;
  }

  JsonNode processingTime(JsonNode c) {
    loops.get(c.get("name").asText()).timeMs = c.get("timeMs").asDouble();
    return null;
  }

  /** Leaves the poll loop and closes the consumer: a last commit, partitions revoked, LeaveGroup. */
  JsonNode close(JsonNode c) throws Exception {
    Loop loop = loops.remove(c.get("name").asText());
    if (loop == null) return null;
    loop.running = false;
    loop.consumer.wakeup();
    loop.join(c.get("timeoutMs").asLong());
    return null;
  }

  private static final class Loop extends Thread implements ConsumerRebalanceListener {
    final String name;
    final KafkaConsumer<byte[], byte[]> consumer;
    final ConcurrentLinkedQueue<CompletableFuture<ObjectNode>> questions = new ConcurrentLinkedQueue<>();
    private final List<String> topics;
    private final List<TopicPartition> assigned = new ArrayList<>();
    private final String commit;
    private final String commitPer;
    private final String per;
    volatile double timeMs;
    volatile boolean running = true;
    volatile boolean polls = true;

    Loop(JsonNode c) {
      name = c.get("name").asText();
      setName(name);
      setDaemon(true);
      topics = Cluster.strings(c.get("topics"));
      for (String p : Cluster.strings(c.get("assign"))) assigned.add(Cluster.partition(p));
      JsonNode processing = c.get("processing");
      timeMs = processing.get("timeMs").asDouble();
      per = processing.get("per").asText();
      commit = processing.get("commit").asText();
      commitPer = processing.get("commitPer").asText();
      Map<String, Object> config = new HashMap<>();
      c.get("config").fields().forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
      config.put("client.id", name);
      consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void run() {
      if (assigned.isEmpty()) consumer.subscribe(topics, this);
      else consumer.assign(assigned);
      while (running) {
        try {
          answerQuestions();
          if (!polls) Thread.sleep(20);
          else handle(consumer.poll(Duration.ofMillis(100)));
        } catch (WakeupException e) {
          // Closing.
        } catch (Exception e) {
          report(e);
          java.util.concurrent.locks.LockSupport.parkNanos(100_000_000L);
        }
      }
      try {
        consumer.close(Duration.ofSeconds(10));
      } catch (Exception e) {
        report(e);
      }
      Driver.write(Driver.event("closed").put("consumer", name));
    }

    private void handle(ConsumerRecords<byte[], byte[]> records) throws Exception {
      if (records.isEmpty()) return;
      for (TopicPartition tp : records.partitions()) {
        ObjectNode e = Driver.event("polled").put("consumer", name).put("partition", tp.toString());
        ArrayNode list = e.putArray("records");
        for (ConsumerRecord<byte[], byte[]> r : records.records(tp)) list.addArray().add(r.offset()).add(idOf(r.value()));
        Driver.write(e);
      }
      boolean perPoll = commitPer.equals("poll");
      if (perPoll && commit.equals("before")) consumer.commitSync();
      if (per.equals("poll")) pause(timeMs);
      for (ConsumerRecord<byte[], byte[]> r : records) {
        Map<TopicPartition, org.apache.kafka.clients.consumer.OffsetAndMetadata> next = Map.of(
            new TopicPartition(r.topic(), r.partition()),
            new org.apache.kafka.clients.consumer.OffsetAndMetadata(r.offset() + 1));
        if (!perPoll && commit.equals("before")) consumer.commitSync(next);
        if (per.equals("record")) pause(timeMs);
        if (!perPoll && commit.equals("sync")) consumer.commitSync(next);
        if (!perPoll && commit.equals("async")) consumer.commitAsync(next, null);
      }
      if (perPoll && commit.equals("sync")) consumer.commitSync();
      if (perPoll && commit.equals("async")) consumer.commitAsync();
    }

    private void pause(double ms) throws InterruptedException {
      if (ms > 0) Thread.sleep((long) ms, (int) ((ms - Math.floor(ms)) * 1e6));
    }

    private void answerQuestions() {
      for (var question = questions.poll(); question != null; question = questions.poll()) {
        ObjectNode result = Driver.JSON.createObjectNode();
        for (TopicPartition tp : consumer.assignment()) {
          try {
            result.put(tp.toString(), consumer.position(tp, Duration.ofMillis(500)));
          } catch (Exception e) {
            result.put(tp.toString(), -1);
          }
        }
        question.complete(result);
      }
    }

    private void report(Exception e) {
      String error = e.getClass().getSimpleName().replaceAll("Exception$", "");
      Driver.write(Driver.event("consumerError").put("consumer", name).put("error", error).put("message", String.valueOf(e.getMessage())));
    }

    private void callback(String what, Collection<TopicPartition> partitions) {
      ObjectNode e = Driver.event("callback").put("consumer", name).put("callback", what);
      ArrayNode list = e.putArray("partitions");
      partitions.forEach(tp -> list.add(tp.toString()));
      e.put("generation", consumer.groupMetadata().generationId());
      Driver.write(e);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      callback("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      callback("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      callback("lost", partitions);
    }
  }

  static String idOf(byte[] value) {
    int end = 0;
    while (end < value.length && value[end] != 0) end++;
    return new String(value, 0, end, StandardCharsets.UTF_8);
  }
}

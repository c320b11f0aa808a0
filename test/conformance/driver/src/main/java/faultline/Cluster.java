package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What an operator does and asks, by the admin client. */
final class Cluster {
  private static final int TIMEOUT_MS = 20_000;
  private Admin admin;
  private String bootstrap;

  JsonNode connect(JsonNode c) {
    bootstrap = c.get("bootstrap").asText();
    admin = client();
    return null;
  }

  private Admin client() {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("default.api.timeout.ms", TIMEOUT_MS);
    config.put("request.timeout.ms", 5_000);
    config.put("reconnect.backoff.max.ms", 500);
    config.put("metadata.max.age.ms", 1_000);
    return Admin.create(config);
  }

  /** Brokers that are registered and not fenced. */
  JsonNode brokers() throws Exception {
    try (Admin fresh = client()) {
      return brokers(fresh);
    }
  }

  private static JsonNode brokers(Admin admin) throws Exception {
    ArrayNode ids = Driver.JSON.createArrayNode();
    admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).stream().map(n -> n.id()).sorted().forEach(ids::add);
    return ids;
  }

  JsonNode createTopics(JsonNode c) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (JsonNode t : c.get("topics")) {
      String name = t.get("name").asText();
      NewTopic topic;
      if (t.hasNonNull("replicas")) {
        Map<Integer, List<Integer>> assignment = new HashMap<>();
        int partition = 0;
        for (JsonNode replicas : t.get("replicas")) assignment.put(partition++, ints(replicas));
        topic = new NewTopic(name, assignment);
      } else {
        topic = new NewTopic(name, t.get("partitions").asInt(), (short) t.get("replicationFactor").asInt());
      }
      Map<String, String> config = new LinkedHashMap<>();
      t.get("config").fields().forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
      topics.add(topic.configs(config));
    }
    admin.createTopics(topics).all().get();
    return null;
  }

  JsonNode deleteTopics(JsonNode c) throws Exception {
    List<String> names = strings(c.get("topics"));
    try {
      admin.deleteTopics(names).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) throw e;
    }
    return null;
  }

  JsonNode createPartitions(JsonNode c) throws Exception {
    admin.createPartitions(Map.of(c.get("topic").asText(), NewPartitions.increaseTo(c.get("count").asInt()))).all().get();
    return null;
  }

  JsonNode electLeaders(JsonNode c) throws Exception {
    ElectionType type = ElectionType.valueOf(c.get("type").asText());
    Set<TopicPartition> partitions = null;
    if (c.hasNonNull("topic")) {
      partitions = Set.of(new TopicPartition(c.get("topic").asText(), c.get("partition").asInt()));
    }
    Map<TopicPartition, Optional<Throwable>> answers = admin.electLeaders(type, partitions).partitions().get();
    ObjectNode result = Driver.JSON.createObjectNode();
    answers.forEach((tp, error) -> result.put(tp.toString(), error.map(Throwable::toString).orElse("NONE")));
    return result;
  }

  JsonNode leaders(JsonNode c) throws Exception {
    // Where every broker that a client knew of is down, only one that begins anew finds those that have come back.
    try (Admin fresh = client()) {
      return leaders(c, fresh);
    }
  }

  private static JsonNode leaders(JsonNode c, Admin admin) throws Exception {
    ObjectNode result = Driver.JSON.createObjectNode();
    admin.describeTopics(strings(c.get("topics"))).allTopicNames().get().forEach((name, topic) ->
        topic.partitions().forEach(p -> {
          ObjectNode row = result.putObject(name + "-" + p.partition());
          row.put("leader", p.leader() == null ? -1 : p.leader().id());
          ArrayNode isr = row.putArray("isr");
          p.isr().forEach(n -> isr.add(n.id()));
          ArrayNode replicas = row.putArray("replicas");
          p.replicas().forEach(n -> replicas.add(n.id()));
        }));
    return result;
  }

  /** With ZooKeeper a broker is the controller, and each broker knows which. */
  JsonNode activeController(JsonNode c) throws Exception {
    boolean zooKeeper = c.get("controlPlane").asText().equals("zookeeper");
    return Driver.JSON.getNodeFactory().numberNode(zooKeeper
        ? admin.describeCluster().controller().get().id()
        : admin.describeMetadataQuorum().quorumInfo().get().leaderId());
  }

  JsonNode coordinator(JsonNode c) throws Exception {
    String group = c.get("group").asText();
    return Driver.JSON.getNodeFactory().numberNode(describe(group).coordinator().id());
  }

  private ConsumerGroupDescription describe(String group) throws Exception {
    return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
  }

  JsonNode groups(JsonNode c) throws Exception {
    ObjectNode result = Driver.JSON.createObjectNode();
    for (String group : strings(c.get("groups"))) {
      ObjectNode row = result.putObject(group);
      ObjectNode members = row.putObject("members");
      try {
        ConsumerGroupDescription description = describe(group);
        row.put("state", description.state().toString());
        description.members().forEach(m -> {
          ArrayNode partitions = members.putArray(m.clientId());
          m.assignment().topicPartitions().stream().map(TopicPartition::toString).sorted().forEach(partitions::add);
        });
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof GroupIdNotFoundException)) throw e;
        row.put("state", "Dead");
      }
      ObjectNode committed = row.putObject("committed");
      admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().forEach((tp, offset) -> {
        if (offset != null) committed.put(tp.toString(), offset.offset());
      });
    }
    return result;
  }

  JsonNode deleteGroups(JsonNode c) throws Exception {
    admin.deleteConsumerGroups(strings(c.get("groups"))).all().get();
    return null;
  }

  /** kafka-consumer-groups --reset-offsets --execute, to explicit offsets or to an end of the log. */
  JsonNode resetOffsets(JsonNode c) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (JsonNode p : c.get("partitions")) {
      TopicPartition tp = partition(p.asText());
      JsonNode to = c.get("to");
      long offset = to.isNumber() ? to.asLong() : listOffset(tp, to.asText().equals("earliest") ? OffsetSpec.earliest() : OffsetSpec.latest());
      offsets.put(tp, new OffsetAndMetadata(offset));
    }
    admin.alterConsumerGroupOffsets(c.get("group").asText(), offsets).all().get();
    return null;
  }

  private long listOffset(TopicPartition tp, OffsetSpec spec) throws Exception {
    var options = new ListOffsetsOptions().timeoutMs(3_000);
    return admin.listOffsets(Map.of(tp, spec), options).partitionResult(tp).get().offset();
  }

  /** The high watermark as the leader tells clients; null where nobody answers. A client that has asked before goes on asking a dead leader. */
  JsonNode latestOffsets(JsonNode c) {
    try (Admin fresh = client()) {
      return latestOffsets(c, fresh);
    }
  }

  private static JsonNode latestOffsets(JsonNode c, Admin admin) {
    ObjectNode result = Driver.JSON.createObjectNode();
    var options = new ListOffsetsOptions().timeoutMs(6_000);
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    for (String name : strings(c.get("partitions"))) wanted.put(partition(name), OffsetSpec.latest());
    var answer = admin.listOffsets(wanted, options);
    for (TopicPartition tp : wanted.keySet()) {
      try {
        result.put(tp.toString(), answer.partitionResult(tp).get().offset());
      } catch (Exception e) {
        result.putNull(tp.toString());
      }
    }
    return result;
  }

  static TopicPartition partition(String name) {
    int dash = name.lastIndexOf('-');
    return new TopicPartition(name.substring(0, dash), Integer.parseInt(name.substring(dash + 1)));
  }

  static List<String> strings(JsonNode list) {
    List<String> all = new ArrayList<>();
    list.forEach(n -> all.add(n.asText()));
    return all;
  }

  static List<Integer> ints(JsonNode list) {
    List<Integer> all = new ArrayList<>();
    list.forEach(n -> all.add(n.asInt()));
    return all;
  }

  static Set<String> set(JsonNode list) {
    return new HashSet<>(strings(list));
  }
}

package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/** GroupMetadata records of some groups in __consumer_offsets, from whichever replica of a partition has the longest log. */
final class CoordinatorLog {
  private static final short GROUP_METADATA = 2;

  static JsonNode read(JsonNode c) throws IOException {
    ArrayNode result = Driver.JSON.createArrayNode();
    Set<String> groups = Cluster.set(c.get("groups"));
    for (int partition = 0; partition < c.get("partitions").asInt(); partition++) {
      for (Segments.Batch batch : longest(c, "__consumer_offsets-" + partition)) {
        if (batch.control) continue;
        for (Segments.Rec r : batch.records) {
          if (r.key == null || r.key.getShort(r.key.position()) != GROUP_METADATA) continue;
          ByteBuffer key = r.key.duplicate();
          key.getShort();
          String group = new GroupMetadataKey(new ByteBufferAccessor(key), GROUP_METADATA).group();
          if (groups.contains(group)) result.add(row(group, batch, r));
        }
      }
    }
    return result;
  }

  private static List<Segments.Batch> longest(JsonNode c, String name) throws IOException {
    List<Segments.Batch> best = new ArrayList<>();
    for (String root : Cluster.strings(c.get("dirs"))) {
      List<Segments.Batch> batches = Segments.read(new File(root, name));
      if (end(batches) > end(best)) best = batches;
    }
    return best;
  }

  private static long end(List<Segments.Batch> batches) {
    return batches.isEmpty() ? 0 : batches.get(batches.size() - 1).lastOffset + 1;
  }

  private static ObjectNode row(String group, Segments.Batch batch, Segments.Rec r) {
    ObjectNode row = Driver.JSON.createObjectNode().put("group", group).put("at", batch.maxTimestamp).put("offset", r.offset);
    if (r.value == null) return row.put("tombstone", true);
    ByteBuffer value = r.value.duplicate();
    short version = value.getShort();
    GroupMetadataValue v = new GroupMetadataValue(new ByteBufferAccessor(value), version);
    row.put("generation", v.generation());
    ObjectNode members = row.putObject("members");
    for (GroupMetadataValue.MemberMetadata m : v.members()) {
      ArrayNode partitions = members.putArray(m.clientId());
      if (m.assignment() == null || m.assignment().length == 0) continue;
      var assignment = ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(m.assignment()));
      assignment.partitions().stream().map(TopicPartition::toString).forEach(partitions::add);
    }
    return row;
  }
}

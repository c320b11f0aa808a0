package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is on the disks: each replica's log, and the high watermarks that brokers checkpoint. */
final class Replicas {
  static JsonNode read(JsonNode c) throws IOException {
    ObjectNode result = Driver.JSON.createObjectNode();
    for (String name : Cluster.strings(c.get("partitions"))) {
      ObjectNode replicas = result.putObject(name);
      for (var it = c.get("dirs").fields(); it.hasNext(); ) {
        var entry = it.next();
        File root = new File(entry.getValue().asText());
        File dir = new File(root, name);
        if (dir.isDirectory()) replicas.set(entry.getKey(), replica(root, dir));
      }
    }
    return result;
  }

  private static ObjectNode replica(File root, File dir) throws IOException {
    ObjectNode row = Driver.JSON.createObjectNode();
    File[] files = Segments.files(dir);
    List<Segments.Batch> batches = Segments.read(dir);
    long start = files.length == 0 ? 0 : Segments.base(files[0]);
    Long startCheckpoint = checkpoint(new File(root, "log-start-offset-checkpoint")).get(dir.getName());
    if (startCheckpoint != null) start = Math.max(start, startCheckpoint);
    long end = files.length == 0 ? 0 : Segments.base(files[files.length - 1]);
    ArrayNode epochs = Driver.JSON.createArrayNode();
    ArrayNode records = Driver.JSON.createArrayNode();
    int epoch = -1;
    for (Segments.Batch batch : batches) {
      end = Math.max(end, batch.lastOffset + 1);
      if (batch.leaderEpoch != epoch) epochs.addArray().add(epoch = batch.leaderEpoch).add(batch.baseOffset);
      for (Segments.Rec r : batch.records) {
        if (r.offset < start) continue;
        if (batch.control) records.add(r.key.getShort(r.key.position() + 2) == 1 ? "commit" : "abort");
        else records.add(idOf(r));
      }
    }
    row.put("logStartOffset", start).put("logEndOffset", end);
    row.set("epochs", epochs);
    row.set("records", records);
    Long hw = checkpoint(new File(root, "replication-offset-checkpoint")).get(dir.getName());
    if (hw == null) row.putNull("checkpointedHighWatermark");
    else row.put("checkpointedHighWatermark", hw.longValue());
    return row;
  }

  private static String idOf(Segments.Rec r) {
    byte[] value = new byte[r.value.remaining()];
    r.value.duplicate().get(value);
    return Consumers.idOf(value);
  }

  /** "0", the number of lines, then "topic partition offset" a line; by directory name. */
  private static Map<String, Long> checkpoint(File file) throws IOException {
    Map<String, Long> offsets = new HashMap<>();
    if (!file.exists()) return offsets;
    for (String line : Files.readAllLines(file.toPath())) {
      String[] words = line.split(" ");
      if (words.length == 3) offsets.put(words[0] + "-" + words[1], Long.parseLong(words[2]));
    }
    return offsets;
  }
}

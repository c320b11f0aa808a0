package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import org.apache.kafka.common.metadata.MetadataJsonConverters;
import org.apache.kafka.common.metadata.MetadataRecordType;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/** The records of __cluster_metadata, as kafka-dump-log --cluster-metadata-decoder shows them, and where its leader epochs begin. */
final class MetadataLog {
  static JsonNode read(JsonNode c) throws IOException {
    ObjectNode result = Driver.JSON.createObjectNode();
    ArrayNode records = result.putArray("records");
    ArrayNode epochs = result.putArray("epochs");
    int epoch = -1;
    for (Segments.Batch batch : Segments.read(new File(c.get("dir").asText(), "__cluster_metadata-0"))) {
      if (batch.leaderEpoch != epoch) {
        epoch = batch.leaderEpoch;
        epochs.addObject().put("epoch", epoch).put("at", batch.maxTimestamp);
      }
      if (batch.control) continue;
      for (Segments.Rec r : batch.records) {
        ApiMessageAndVersion m = MetadataRecordSerde.INSTANCE.read(new ByteBufferAccessor(r.value), r.value.remaining());
        ObjectNode row = records.addObject().put("offset", r.offset).put("at", batch.maxTimestamp).put("epoch", epoch);
        row.put("type", MetadataRecordType.fromId(m.message().apiKey()).name());
        row.set("data", MetadataJsonConverters.writeJson(m.message(), m.version()));
      }
    }
    return result;
  }
}

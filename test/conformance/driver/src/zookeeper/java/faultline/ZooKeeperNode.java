package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.jute.Record;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.ByteBufferInputStream;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.txn.CloseSessionTxn;
import org.apache.zookeeper.txn.CreateTxn;
import org.apache.zookeeper.txn.DeleteTxn;
import org.apache.zookeeper.txn.MultiTxn;
import org.apache.zookeeper.txn.SetDataTxn;
import org.apache.zookeeper.txn.Txn;

/** What only a cluster with ZooKeeper can be asked. */
final class ZooKeeperNode {
  /** Where Kafka keeps what the harness tells: registrations, topics, partition states, the controller and its epoch. */
  private static final Pattern TOLD =
      Pattern.compile("/brokers/ids/\\d+|/brokers/topics/[^/]+(/partitions/\\d+/state)?|/controller(_epoch)?");
  private static final String CONTROLLER = "/controller";
  private static final String DELETIONS = "/admin/delete_topics";
  private static final int SESSION_MS = 6_000;
  private static final int WITHIN_MS = 30_000;
  private static final int AGAIN_AFTER_MS = 500;

  static JsonNode perform(JsonNode c) throws Exception {
    switch (c.get("do").asText()) {
      case "zooKeeperLog": return log(new File(c.get("dir").asText()));
      case "moveController": return moveController(c);
      case "awaitDeletions": return awaitDeletions(c);
      default: throw new IllegalArgumentException("unknown command " + c.get("do"));
    }
  }

  /**
   * Every change of a told znode, from the server's transaction log: nothing is missed, as watches and polls would. A session that
   * ends takes its ephemeral znodes along; what failed is in the log as an error and is passed over.
   */
  private static JsonNode log(File dataDir) throws IOException {
    ArrayNode rows = Driver.JSON.createArrayNode();
    var transactions = new FileTxnLog(new File(dataDir, "version-2"));
    try (var it = transactions.read(0)) {
      // Where nothing was written yet there is no header.
      while (it.getHeader() != null) {
        add(rows, it.getHeader().getTime(), it.getTxn());
        if (!it.next()) break;
      }
    } finally {
      transactions.close();
    }
    return rows;
  }

  private static void add(ArrayNode rows, long at, Record txn) throws IOException {
    if (txn instanceof CreateTxn create) row(rows, at, "create", create.getPath(), create.getData());
    else if (txn instanceof DeleteTxn delete) row(rows, at, "delete", delete.getPath(), null);
    else if (txn instanceof SetDataTxn set) {
      ObjectNode row = row(rows, at, "set", set.getPath(), set.getData());
      if (row != null) row.put("version", set.getVersion());
    } else if (txn instanceof CloseSessionTxn close) {
      for (String path : close.getPaths2Delete()) row(rows, at, "delete", path, null);
    } else if (txn instanceof MultiTxn multi) {
      for (Txn part : multi.getTxns()) add(rows, at, part(part));
    }
  }

  private static Record part(Txn part) throws IOException {
    Record record;
    switch (part.getType()) {
      case OpCode.create:
      case OpCode.create2: record = new CreateTxn(); break;
      case OpCode.setData: record = new SetDataTxn(); break;
      case OpCode.delete: record = new DeleteTxn(); break;
      default: return null;
    }
    ByteBufferInputStream.byteBuffer2Record(ByteBuffer.wrap(part.getData()), record);
    return record;
  }

  private static ObjectNode row(ArrayNode rows, long at, String op, String path, byte[] data) {
    if (!TOLD.matcher(path).matches()) return null;
    ObjectNode row = rows.addObject().put("at", at).put("op", op).put("path", path);
    if (data != null) row.put("data", new String(data, StandardCharsets.UTF_8));
    return row;
  }

  /** Whoever is the controller loses its znode until the one that is wanted has got it. */
  private static JsonNode moveController(JsonNode c) throws Exception {
    int to = c.get("to").asInt();
    return until(c, "broker " + to + " did not become the controller", client -> {
      JsonNode controller = Driver.JSON.readTree(client.getData(CONTROLLER, false, null));
      if (controller.get("brokerid").asInt() == to) return true;
      client.delete(CONTROLLER, -1);
      return false;
    });
  }

  /** A topic goes when every replica of it has gone; until then there can be none of the same name. */
  private static JsonNode awaitDeletions(JsonNode c) throws Exception {
    return until(c, "topics are still being deleted", client -> client.getChildren(DELETIONS, false).isEmpty());
  }

  private interface Attempt {
    boolean succeeds(ZooKeeper client) throws Exception;
  }

  private static JsonNode until(JsonNode c, String otherwise, Attempt attempt) throws Exception {
    long end = System.currentTimeMillis() + WITHIN_MS;
    try (ZooKeeper client = new ZooKeeper(c.get("connect").asText(), SESSION_MS, event -> {})) {
      while (System.currentTimeMillis() < end) {
        try {
          if (attempt.succeeds(client)) return null;
        } catch (KeeperException.NoNodeException | KeeperException.ConnectionLossException e) {
          // Between two controllers, or not connected yet.
        }
        Thread.sleep(AGAIN_AFTER_MS);
      }
    }
    throw new IllegalStateException(otherwise);
  }
}

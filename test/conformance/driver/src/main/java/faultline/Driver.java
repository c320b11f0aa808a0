package faultline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Commands come as JSON lines on standard input, {"id": 1, "do": "createTopics", ...}; each gets one answer, {"id": 1, "ok": true, ...}.
 * What clients observe comes unasked as {"event": ..., "at": epoch milliseconds, ...}. Ends with standard input.
 */
public final class Driver {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final PrintStream OUT = System.out;

  private final Cluster cluster = new Cluster();
  private final Producers producers = new Producers();
  private final Consumers consumers = new Consumers();

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("format")) {
      String[] rest = java.util.Arrays.copyOfRange(args, 1, args.length);
      System.exit(kafka.tools.StorageTool.execute(rest, System.err));
    }
    System.setOut(System.err);
    new Driver().serve();
    System.exit(0);
  }

  private void serve() throws Exception {
    ExecutorService commands = Executors.newCachedThreadPool();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode command = JSON.readTree(line);
      String what = command.get("do").asText();
      // Sends keep the order in which they were asked for.
      if (what.equals("send")) answer(command);
      else commands.submit(() -> answer(command));
    }
  }

  private void answer(JsonNode command) {
    ObjectNode reply = JSON.createObjectNode().put("id", command.get("id").asInt());
    try {
      reply.set("result", perform(command));
      reply.put("ok", true);
    } catch (Throwable e) {
      Throwable cause = e instanceof java.util.concurrent.ExecutionException && e.getCause() != null ? e.getCause() : e;
      reply.put("ok", false).put("error", cause.toString());
    }
    write(reply);
  }

  private JsonNode perform(JsonNode c) throws Exception {
    switch (c.get("do").asText()) {
      case "ping": return null;
      case "connect": return cluster.connect(c);
      case "brokers": return cluster.brokers();
      case "createTopics": return cluster.createTopics(c);
      case "deleteTopics": return cluster.deleteTopics(c);
      case "createPartitions": return cluster.createPartitions(c);
      case "electLeaders": return cluster.electLeaders(c);
      case "leaders": return cluster.leaders(c);
      case "activeController": return cluster.activeController(c);
      case "coordinator": return cluster.coordinator(c);
      case "groups": return cluster.groups(c);
      case "deleteGroups": return cluster.deleteGroups(c);
      case "resetOffsets": return cluster.resetOffsets(c);
      case "latestOffsets": return cluster.latestOffsets(c);
      case "producer": return producers.open(c);
      case "send": return producers.send(c);
      case "load": return producers.load(c);
      case "stopLoad": return producers.stopLoad(c);
      case "closeProducer": return producers.close(c);
      case "consumer": return consumers.open(c);
      case "positions": return consumers.positions(c);
      case "polling": return consumers.polling(c);
      case "processingTime": return consumers.processingTime(c);
      case "closeConsumer": return consumers.close(c);
      case "replicas": return Replicas.read(c);
      case "metadata": return MetadataLog.read(c);
      case "coordinatorLog": return CoordinatorLog.read(c);
      case "moveController":
      case "awaitDeletions":
      case "zooKeeperLog": return zooKeeper(c);
      default: throw new IllegalArgumentException("unknown command " + c.get("do"));
    }
  }

  /** Compiled only where the release brings ZooKeeper along. */
  private static JsonNode zooKeeper(JsonNode c) throws Exception {
    return (JsonNode) Class.forName("faultline.ZooKeeperNode").getDeclaredMethod("perform", JsonNode.class).invoke(null, c);
  }

  static ObjectNode event(String name) {
    return JSON.createObjectNode().put("event", name).put("at", System.currentTimeMillis());
  }

  static void write(JsonNode line) {
    String text = line.toString();
    synchronized (OUT) {
      OUT.println(text);
      OUT.flush();
    }
  }
}

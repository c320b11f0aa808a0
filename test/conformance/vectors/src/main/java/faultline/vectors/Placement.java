package faultline.vectors;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.metadata.placement.ClusterDescriber;
import org.apache.kafka.metadata.placement.PlacementSpec;
import org.apache.kafka.metadata.placement.StripedReplicaPlacer;
import org.apache.kafka.metadata.placement.UsableBroker;

/** StripedReplicaPlacer with every number it drew; AdminUtils.assignReplicasToBrokers where the release still has it. */
final class Placement {
    /** Writes down what was asked of it and what it answered. */
    private static final class Recorded extends Random {
        final List<List<Integer>> draws = new ArrayList<>();

        Recorded(long seed) {
            super(seed);
        }

        @Override
        public int nextInt(int bound) {
            int drawn = super.nextInt(bound);
            draws.add(List.of(bound, drawn));
            return drawn;
        }
    }

    static List<Object> stripedLines() {
        Draw draw = new Draw(5);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            List<UsableBroker> brokers = new ArrayList<>();
            int racks = draw.oneOf(0, 1, 2, 3, draw.between(4, 8));
            int fenced = draw.oneOf(0, 0, 20, 60);
            List<String> names = new ArrayList<>();
            for (int r = 0; r < racks; r++) names.add(draw.oneOf("rack-" + r, draw.word(3), "eu-west-1" + (char) ('a' + r)));
            for (int id : draw.shuffled(ids(draw, draw.between(1, 12)))) {
                boolean rackless = racks == 0 || draw.chance(3);
                brokers.add(new UsableBroker(id, rackless ? Optional.empty() : Optional.of(draw.pick(names)), draw.chance(fenced)));
            }
            lines.add(striped(draw, brokers));
        }
        return lines;
    }

    private static Object striped(Draw draw, List<UsableBroker> brokers) {
        int partitions = draw.oneOf(1, draw.between(1, 6), draw.between(1, 24));
        short factor = (short) (draw.chance(8) ? draw.between(0, 14) : draw.between(1, Math.min(4, brokers.size())));
        Recorded random = new Recorded(draw.bits());
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("brokers", brokers.stream().map(b -> Arrays.asList(b.id(), b.rack().orElse(null), b.fenced() ? 1 : 0)).toList());
        line.put("partitions", partitions);
        line.put("replicationFactor", factor);
        Object placed;
        try {
            placed = new StripedReplicaPlacer(random).place(new PlacementSpec(0, partitions, factor), new Described(brokers))
                .assignments().stream().map(a -> a.replicas()).toList();
        } catch (InvalidReplicationFactorException refused) {
            placed = null;
        }
        line.put("draws", random.draws);
        line.put("replicas", placed);
        return line;
    }

    private record Described(List<UsableBroker> brokers) implements ClusterDescriber {
        @Override
        public Iterator<UsableBroker> usableBrokers() {
            return brokers.iterator();
        }

        @Override
        public Uuid defaultDir(int brokerId) {
            return Uuid.ZERO_UUID;
        }
    }

    private static List<Integer> ids(Draw draw, int count) {
        int first = draw.oneOf(0, 1, 100);
        List<Integer> ids = new ArrayList<>();
        for (int id = first; ids.size() < count; id += draw.oneOf(1, 1, 1, 3)) ids.add(id);
        return ids;
    }

    /** With a fixed start: what it draws by itself comes from a source that cannot be seeded. */
    static List<Object> adminUtilsLines() throws Exception {
        List<Object> lines = new ArrayList<>();
        Class<?> utils;
        try {
            utils = Class.forName("org.apache.kafka.admin.AdminUtils");
        } catch (ClassNotFoundException removed) {
            return lines;
        }
        Constructor<?> metadata = Class.forName("org.apache.kafka.admin.BrokerMetadata").getConstructor(int.class, Optional.class);
        Method assign = utils.getMethod("assignReplicasToBrokers", Collection.class, int.class, int.class, int.class, int.class);
        Draw draw = new Draw(6);
        for (int i = 0; i < 500; i++) {
            int racks = draw.oneOf(0, 0, 1, 2, 3, draw.between(4, 8));
            List<Object> brokers = new ArrayList<>();
            List<Object> shown = new ArrayList<>();
            for (int id : ids(draw, draw.between(1, 12))) {
                String rack = racks == 0 || draw.chance(2) ? null : "rack-" + draw.below(racks);
                brokers.add(metadata.newInstance(id, Optional.ofNullable(rack)));
                shown.add(Arrays.asList(id, rack));
            }
            int partitions = draw.oneOf(1, draw.between(1, 6), draw.between(1, 40));
            int factor = draw.chance(8) ? draw.between(0, 14) : draw.between(1, Math.min(4, brokers.size()));
            int start = draw.below(brokers.size());
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("brokers", shown);
            line.put("partitions", partitions);
            line.put("replicationFactor", factor);
            line.put("start", start);
            try {
                Map<?, ?> placed = (Map<?, ?>) assign.invoke(null, brokers, partitions, factor, start, 0);
                line.put("replicas", new TreeMap<>(placed).values());
            } catch (InvocationTargetException refused) {
                line.put("replicas", null);
            }
            lines.add(line);
        }
        return lines;
    }
}

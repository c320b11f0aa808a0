package faultline.vectors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Utils;

/**
 * String.hashCode with the coordinator's partition (Utils.abs of it, modulo the partitions, as GroupCoordinatorService and
 * TransactionStateManager have it), TopicPartition.hashCode, Uuid.hashCode, and the order in which a HashMap hands out its keys.
 */
final class Hashes {
    static List<Object> lines() {
        Draw draw = new Draw(2);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            // The only kind of string whose hash has no absolute value.
            String text = i == 0 ? "polygenelubricants" : name(draw);
            Map<Integer, Integer> partitions = new LinkedHashMap<>();
            for (int count : List.of(50, draw.between(1, 100))) {
                partitions.put(count, Utils.abs(text.hashCode()) % count);
            }
            lines.add(Arrays.asList("string", text, text.hashCode(), partitions));
        }
        for (int i = 0; i < 300; i++) {
            TopicPartition partition = new TopicPartition(name(draw), draw.below(2000));
            lines.add(Arrays.asList("partition", partition.topic(), partition.partition(), partition.hashCode()));
        }
        for (int i = 0; i < 300; i++) {
            Uuid id = new Uuid(draw.bits(), draw.bits());
            lines.add(Arrays.asList("uuid", id.toString(), id.hashCode()));
        }
        for (int i = 0; i < 200; i++) lines.add(order(draw));
        return lines;
    }

    private static String name(Draw draw) {
        return draw.oneOf(draw.word(draw.between(1, 12)), draw.memberId(draw.below(40)), draw.text(draw.between(0, 25)),
            draw.word(3) + "-" + draw.word(4) + "." + draw.below(100));
    }

    /** Some keys are taken out again: the table stays as large as it was. */
    private static Object order(Draw draw) {
        Map<String, Integer> map = new HashMap<>();
        List<String> put = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        for (int n = draw.between(0, 40); n > 0; n--) {
            String key = draw.memberId(draw.below(40));
            put.add(key);
            map.put(key, n);
        }
        for (String key : put) if (draw.chance(15)) removed.add(key);
        removed.forEach(map::remove);
        return Arrays.asList("order", put, removed, new ArrayList<>(map.keySet()));
    }
}

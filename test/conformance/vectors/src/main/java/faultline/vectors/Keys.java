package faultline.vectors;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

/** Utils.murmur2 and BuiltInPartitioner.partitionForKey: keys of bytes and of text, partition counts from 1 to thousands. */
final class Keys {
    static List<Object> lines() {
        Draw draw = new Draw(1);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            int length = i < 64 ? i / 2 : draw.oneOf(draw.between(0, 12), draw.between(0, 40), draw.between(0, 150));
            Object shown;
            byte[] key;
            if (i % 2 == 0) {
                key = draw.bytes(length);
                shown = Map.of("base64", Base64.getEncoder().encodeToString(key));
            } else {
                String text = draw.chance(30) ? draw.oneOf("user-", "order-", "k") + draw.below(1_000_000) : draw.text(length);
                key = text.getBytes(StandardCharsets.UTF_8);
                shown = text;
            }
            Map<Integer, Integer> partitions = new LinkedHashMap<>();
            for (int count : List.of(draw.between(1, 12), draw.between(1, 100), draw.between(1, 5000))) {
                partitions.put(count, BuiltInPartitioner.partitionForKey(key, count));
            }
            lines.add(Arrays.asList(shown, Utils.murmur2(key), partitions));
        }
        return lines;
    }
}

package faultline.vectors;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;

/**
 * Sizes of record batches v2 as MemoryRecords writes them, and the producer's estimate for one record
 * (AbstractRecords.estimateSizeInBytesUpperBound). The package of these classes changed in 4.3, so they are found by name.
 */
final class Batches {
    private static final byte MAGIC = 2;

    static List<Object> lines() throws Exception {
        Draw draw = new Draw(3);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            List<Object> shapes = new ArrayList<>();
            List<Object> records = new ArrayList<>();
            int count = draw.oneOf(1, draw.between(1, 10), draw.between(1, 10), draw.between(50, 80));
            long timestamp = 1_700_000_000_000L;
            for (int n = 0; n < count; n++) {
                int key = draw.chance(40) ? -1 : length(draw);
                int value = draw.chance(5) ? -1 : length(draw);
                // Only the first timestamp is sure to be the base; later ones may lie before it.
                long delta = n == 0 ? 0 : draw.oneOf(0, draw.between(0, 100), draw.between(-70, 20000), draw.between(0, 4_000_000));
                shapes.add(List.of(key, value, delta));
                records.add(record(timestamp + delta, zeros(key), zeros(value)));
            }
            List<?> first = (List<?>) shapes.get(0);
            int bound = upperBound(zeros((Integer) first.get(0)), zeros((Integer) first.get(1)));
            lines.add(Arrays.asList(shapes, bytes(Compression.NONE, records), bound));
        }
        return lines;
    }

    /** Real sizes, to model ratios by: payload, records, bytes of each key and value, then bytes of the batch by codec. */
    static List<Object> codecLines() throws Exception {
        Draw draw = new Draw(4);
        List<Object> lines = new ArrayList<>();
        for (String payload : List.of("zeros", "words", "json", "random")) {
            for (int i = 0; i < 50; i++) {
                int count = draw.oneOf(1, 10, 100, 1000);
                int value = draw.oneOf(20, 100, 500, 1000);
                List<Object> records = new ArrayList<>();
                for (int n = 0; n < count; n++) records.add(record(n, draw.bytes(8), payload(draw, payload, value)));
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("payload", payload);
                line.put("records", count);
                line.put("keyBytes", 8);
                line.put("valueBytes", value);
                for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                    line.put(codec, bytes(Compression.of(codec).build(), records));
                }
                lines.add(line);
            }
        }
        return lines;
    }

    /** Near the steps of the variable-length numbers as often as anywhere. */
    private static int length(Draw draw) {
        return draw.oneOf(draw.between(0, 40), draw.between(50, 140), draw.between(8100, 8260), draw.between(0, 2000));
    }

    private static byte[] zeros(int length) {
        return length < 0 ? null : new byte[length];
    }

    private static final List<String> WORDS = List.of("order", "created", "paid", "shipped", "customer", "euro", "amount",
        "warehouse", "retry", "pending", "invoice", "street", "city", "the", "of", "and");

    private static byte[] payload(Draw draw, String kind, int length) {
        if (kind.equals("zeros")) return new byte[length];
        if (kind.equals("random")) return draw.bytes(length);
        StringBuilder out = new StringBuilder();
        while (out.length() < length) {
            if (kind.equals("words")) out.append(draw.pick(WORDS)).append(' ');
            else out.append("{\"id\":").append(draw.below(1_000_000)).append(",\"").append(draw.pick(WORDS)).append("\":\"")
                .append(draw.word(6)).append("\",\"at\":").append(1_700_000_000_000L + draw.below(1_000_000)).append('}');
        }
        return out.substring(0, length).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static Class<?> recordClass(String name) throws ClassNotFoundException {
        try {
            return Class.forName("org.apache.kafka.common.record.internal." + name);
        } catch (ClassNotFoundException older) {
            return Class.forName("org.apache.kafka.common.record." + name);
        }
    }

    private static Object record(long timestamp, byte[] key, byte[] value) throws Exception {
        Constructor<?> constructor = recordClass("SimpleRecord").getConstructor(long.class, byte[].class, byte[].class);
        return constructor.newInstance(timestamp, key, value);
    }

    private static int bytes(Compression compression, List<Object> records) throws Exception {
        Class<?> simple = recordClass("SimpleRecord");
        Object array = Array.newInstance(simple, records.size());
        for (int i = 0; i < records.size(); i++) Array.set(array, i, records.get(i));
        Method with = recordClass("MemoryRecords").getMethod("withRecords", byte.class, long.class, Compression.class,
            TimestampType.class, array.getClass());
        Object memory = with.invoke(null, MAGIC, 0L, compression, TimestampType.CREATE_TIME, array);
        return (int) memory.getClass().getMethod("sizeInBytes").invoke(memory);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static int upperBound(byte[] key, byte[] value) throws Exception {
        Class type = recordClass("CompressionType");
        Method estimate = recordClass("AbstractRecords").getMethod("estimateSizeInBytesUpperBound", byte.class, type,
            byte[].class, byte[].class, Header[].class);
        return (int) estimate.invoke(null, MAGIC, Enum.valueOf(type, "NONE"), key, value, new Header[0]);
    }
}

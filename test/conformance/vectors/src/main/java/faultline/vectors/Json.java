package faultline.vectors;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Maps, iterables, strings, numbers, booleans and null as JSON on one line. */
final class Json {
    static String of(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                .map(entry -> quoted(entry.getKey().toString()) + ":" + of(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof Iterable<?> items) {
            return StreamSupport.stream(items.spliterator(), false)
                .map(Json::of)
                .collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof String text) return quoted(text);
        return String.valueOf(value);
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
            out.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return out.append('"').toString();
    }
}

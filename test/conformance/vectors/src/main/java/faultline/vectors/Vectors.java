package faultline.vectors;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the classes of a released Kafka and writes their answers: one file a subject, one line a question with its answer, a first
 * line that says which release was asked, when and how. Arguments: release, date, command, folder.
 */
public final class Vectors {
    public static void main(String[] args) throws Exception {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("kafka", args[0]);
        header.put("recorded", args[1]);
        header.put("java", System.getProperty("java.version"));
        header.put("command", args[2]);
        Path folder = Path.of(args[3]);
        Files.createDirectories(folder);
        write(folder, "keys", header, Keys.lines());
        write(folder, "hashes", header, Hashes.lines());
        write(folder, "batches", header, Batches.lines());
        write(folder, "codecs", header, Batches.codecLines());
        write(folder, "striped-placement", header, Placement.stripedLines());
        List<Object> planned = Placement.adminUtilsLines();
        if (!planned.isEmpty()) write(folder, "planned-placement", header, planned);
        write(folder, "partition-changes", header, PartitionChanges.lines());
        write(folder, "classic-groups", header, ClassicGroups.lines());
        write(folder, "server-groups", header, ServerGroups.lines());
    }

    private static void write(Path folder, String name, Object header, List<Object> lines) throws Exception {
        List<String> text = new ArrayList<>();
        text.add(Json.of(header));
        for (Object line : lines) text.add(Json.of(line));
        Files.write(folder.resolve(name + ".jsonl"), text, StandardCharsets.UTF_8);
        System.out.println(name + ": " + lines.size());
    }
}

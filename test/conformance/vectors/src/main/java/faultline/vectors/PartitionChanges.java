package faultline.vectors;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.apache.kafka.common.DirectoryId;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.controller.PartitionChangeBuilder;
import org.apache.kafka.controller.PartitionChangeBuilder.Election;
import org.apache.kafka.metadata.LeaderRecoveryState;
import org.apache.kafka.metadata.PartitionRegistration;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.MetadataVersion;

/** PartitionChangeBuilder: elections, eligible leader replicas, epoch bumps, reassignments, on any registration and request. */
final class PartitionChanges {
    static List<Object> lines() throws Exception {
        Draw draw = new Draw(9);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 2000; i++) lines.add(new PartitionChanges(draw).line());
        return lines;
    }

    private final Draw draw;
    private final boolean elrEnabled;
    private final int minIsr;
    private final List<Integer> replicas;
    private final List<Integer> isr;
    private final List<Integer> elr = new ArrayList<>();
    private final List<Integer> lastKnownElr = new ArrayList<>();
    private final List<Integer> adding = new ArrayList<>();
    private final List<Integer> removing = new ArrayList<>();
    private final int leader;
    private final List<Integer> active = new ArrayList<>();

    private PartitionChanges(Draw draw) {
        this.draw = draw;
        elrEnabled = draw.chance(60);
        List<Integer> ids = new ArrayList<>();
        for (int id = draw.between(0, 2); ids.size() < draw.between(3, 6); id++) ids.add(id);
        replicas = new ArrayList<>(draw.shuffled(ids).subList(0, draw.between(1, ids.size())));
        minIsr = draw.between(1, Math.min(3, replicas.size()));
        if (draw.chance(25)) {
            // Under way: what is added is the head of the replicas, what is removed their tail.
            for (int id : replicas) if (draw.chance(30)) adding.add(id);
            for (int id : replicas) if (!adding.contains(id) && draw.chance(30)) removing.add(id);
        }
        isr = new ArrayList<>(draw.shuffled(replicas).subList(0, draw.between(elrEnabled ? 0 : 1, replicas.size())));
        if (elrEnabled && isr.size() < minIsr) {
            for (int id : replicas) if (!isr.contains(id) && draw.chance(50)) elr.add(id);
        }
        elr.sort(Integer::compare);
        leader = isr.isEmpty() || draw.chance(25) ? -1 : draw.pick(isr);
        if (elrEnabled && leader < 0 && draw.chance(70)) lastKnownElr.add(draw.pick(replicas));
        for (int id : ids) if (draw.chance(60)) active.add(id);
    }

    private Map<String, Object> line() throws Exception {
        boolean recovering = draw.chance(10);
        PartitionRegistration registration = new PartitionRegistration.Builder()
            .setReplicas(ints(replicas)).setDirectories(DirectoryId.unassignedArray(replicas.size()))
            .setIsr(ints(isr)).setElr(ints(elr)).setLastKnownElr(ints(lastKnownElr))
            .setAddingReplicas(ints(adding)).setRemovingReplicas(ints(removing))
            .setLeader(leader).setLeaderEpoch(100).setPartitionEpoch(200)
            .setLeaderRecoveryState(recovering ? LeaderRecoveryState.RECOVERING : LeaderRecoveryState.RECOVERED).build();
        boolean bumps = !elrEnabled && draw.chance(20);
        PartitionChangeBuilder builder = builder(registration, active::contains, bumps ? MetadataVersion.IBP_3_5_IV2 : MetadataVersion.latestProduction());
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("replicas", replicas);
        line.put("isr", isr);
        if (!elr.isEmpty()) line.put("elr", elr);
        if (!lastKnownElr.isEmpty()) line.put("lastKnownElr", lastKnownElr);
        if (!adding.isEmpty()) line.put("adding", adding);
        if (!removing.isEmpty()) line.put("removing", removing);
        line.put("leader", leader);
        if (recovering) line.put("recovering", true);
        line.put("minIsr", minIsr);
        line.put("active", active);
        line.put("elrEnabled", elrEnabled);
        if (bumps) line.put("bumpOnShrink", true);
        Election election = draw.oneOf(Election.values());
        line.put("election", election.name());
        builder.setElection(election);
        request(builder, line, recovering);
        line.put("change", builder.build().map(PartitionChanges::shown).orElse(null));
        return line;
    }

    private void request(PartitionChangeBuilder builder, Map<String, Object> line, boolean recovering) {
        List<Integer> targetIsr = new ArrayList<>(isr);
        int kind = draw.below(10);
        if (kind < 4 && !isr.isEmpty()) {
            Integer gone = draw.pick(isr);
            targetIsr.remove(gone);
            if (elrEnabled && draw.chance(40)) {
                builder.setUncleanShutdownReplicas(List.of(gone));
                line.put("uncleanShutdown", gone);
            }
        } else if (kind < 7) {
            for (int id : replicas) if (!targetIsr.contains(id) && draw.chance(50)) targetIsr.add(id);
        } else if (kind < 8 && draw.chance(50)) {
            List<Integer> to = new ArrayList<>(draw.shuffled(replicas));
            to.add(9);
            builder.setTargetReplicas(to).setTargetAdding(List.of(9)).setTargetRemoving(List.of());
            line.put("reassignment", Map.of("replicas", to));
        }
        if (!targetIsr.equals(isr)) {
            builder.setTargetIsr(targetIsr);
            line.put("targetIsr", targetIsr);
        }
        if (recovering && draw.chance(50)) {
            builder.setTargetLeaderRecoveryState(LeaderRecoveryState.RECOVERED);
            line.put("recovered", true);
        }
        builder.setDefaultDirProvider(id -> DirectoryId.UNASSIGNED);
    }

    /** Whether there are eligible leader replicas is set by a method, and from 4.3 on by the constructor. */
    private PartitionChangeBuilder builder(PartitionRegistration registration, IntPredicate isAcceptable, MetadataVersion version)
            throws Exception {
        Constructor<?> constructor = PartitionChangeBuilder.class.getConstructors()[0];
        List<Object> arguments = new ArrayList<>(List.of(registration, Uuid.ONE_UUID, 0, isAcceptable, version, minIsr));
        boolean byConstructor = constructor.getParameterCount() > arguments.size();
        if (byConstructor) arguments.add(elrEnabled);
        Object builder = constructor.newInstance(arguments.toArray());
        if (!byConstructor) {
            builder.getClass().getMethod("setEligibleLeaderReplicasEnabled", boolean.class).invoke(builder, elrEnabled);
        }
        return (PartitionChangeBuilder) builder;
    }

    private static Map<String, Object> shown(ApiMessageAndVersion message) {
        PartitionChangeRecord record = (PartitionChangeRecord) message.message();
        Map<String, Object> shown = new LinkedHashMap<>();
        if (record.leader() != -2) shown.put("leader", record.leader());
        put(shown, "isr", record.isr());
        put(shown, "replicas", record.replicas());
        put(shown, "elr", record.eligibleLeaderReplicas());
        put(shown, "lastKnownElr", record.lastKnownElr());
        put(shown, "addingReplicas", record.addingReplicas());
        put(shown, "removingReplicas", record.removingReplicas());
        if (record.leaderRecoveryState() != LeaderRecoveryState.NO_CHANGE) {
            shown.put("leaderRecoveryState", LeaderRecoveryState.of(record.leaderRecoveryState()).name());
        }
        return shown;
    }

    private static void put(Map<String, Object> shown, String name, List<Integer> ids) {
        if (ids != null) shown.put(name, ids);
    }

    private static int[] ints(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}

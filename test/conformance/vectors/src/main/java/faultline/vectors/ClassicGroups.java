package faultline.vectors;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** The four assignors of the classic protocol, each on the same group: new ones, grown ones, and ones with contradictory claims. */
final class ClassicGroups {
    private static final Comparator<TopicPartition> BY_TOPIC =
        Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private static final class Member {
        final String id;
        List<String> topics;
        String instance;
        String rack;
        List<TopicPartition> owned = new ArrayList<>();
        int generation = -1;
        boolean first = true;

        Member(String id) {
            this.id = id;
        }
    }

    static List<Object> lines() {
        Draw draw = new Draw(7);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 500; i++) lines.add(new ClassicGroups(draw, i % 2 == 0).line());
        return lines;
    }

    private final Draw draw;
    private final boolean racked;
    private final boolean equal;
    /** By topic, by partition: the rack of each replica, null for a broker without one. */
    private final Map<String, List<List<String>>> topics = new LinkedHashMap<>();
    private final List<Member> members = new ArrayList<>();

    private ClassicGroups(Draw draw, boolean racked) {
        this.draw = draw;
        this.racked = racked;
        equal = draw.chance(55);
        int factor = draw.between(1, 3);
        for (int t = draw.between(1, 5); t > 0; t--) {
            int partitions = draw.oneOf(draw.between(1, 4), draw.between(1, 10));
            List<List<String>> replicas = new ArrayList<>();
            for (int p = 0; p < partitions; p++) {
                List<String> racks = new ArrayList<>();
                int shift = draw.chance(50) ? p : draw.below(4);
                for (int r = 0; r < factor; r++) racks.add(draw.chance(3) ? null : "rack" + (shift + r) % 4);
                replicas.add(racks);
            }
            topics.put(draw.oneOf("t", "topic-", draw.word(3)) + draw.below(100) + (char) ('a' + t), replicas);
        }
        for (int m = draw.between(1, 9); m > 0; m--) join();
        // New, after a few generations, or with claims that nobody could have come to in peace.
        for (int steps = draw.oneOf(0, 1, 2); steps > 0; steps--) nextGeneration(5 + 2 - steps);
        if (draw.chance(25)) contradict();
    }

    private void join() {
        Member member = new Member(draw.memberId(members.size()));
        if (members.stream().anyMatch(other -> other.id.equals(member.id))) return;
        member.topics = subscription();
        if (draw.chance(20)) member.instance = draw.oneOf("inst-", "z") + draw.below(1000) + "-" + members.size();
        if (racked && draw.chance(85)) member.rack = "rack" + draw.below(draw.chance(90) ? 4 : 6);
        members.add(member);
    }

    private List<String> subscription() {
        List<String> all = new ArrayList<>(topics.keySet());
        if (equal) return all;
        List<String> some = draw.shuffled(all).subList(0, draw.between(draw.chance(3) ? 0 : 1, all.size()));
        List<String> chosen = new ArrayList<>(some);
        if (draw.chance(3)) chosen.add("missing");
        return chosen;
    }

    /** Most take what one of the sticky assignors gives, a few miss it; then somebody leaves, joins or changes topics. */
    private void nextGeneration(int generation) {
        Map<String, Assignment> given;
        try {
            given = assign(draw.chance(50) ? new StickyAssignor() : new CooperativeStickyAssignor());
        } catch (RuntimeException refused) {
            return;
        }
        for (Member member : members) {
            if (draw.chance(8)) continue;
            member.owned = given.get(member.id).partitions().stream().sorted(BY_TOPIC).collect(Collectors.toList());
            member.generation = generation;
            member.first = false;
        }
        if (members.size() > 1 && draw.chance(50)) members.remove(draw.below(members.size()));
        if (draw.chance(60)) join();
        if (!equal && draw.chance(30)) draw.pick(members).topics = subscription();
    }

    private void contradict() {
        List<TopicPartition> all = new ArrayList<>();
        topics.forEach((topic, replicas) -> {
            for (int p = 0; p < replicas.size(); p++) all.add(new TopicPartition(topic, p));
        });
        for (Member member : members) {
            if (draw.chance(40)) continue;
            List<TopicPartition> some = draw.shuffled(all).subList(0, draw.below(Math.min(6, all.size()) + 1));
            member.owned = some.stream().sorted(BY_TOPIC).collect(Collectors.toList());
            member.generation = draw.oneOf(7, 7, 7, 6, -1);
            member.first = false;
        }
    }

    private Map<String, Object> line() {
        Map<String, Object> line = new LinkedHashMap<>();
        Map<String, Object> shownTopics = new LinkedHashMap<>();
        topics.forEach((topic, replicas) -> shownTopics.put(topic, racked ? replicas : replicas.size()));
        line.put("topics", shownTopics);
        line.put("members", members.stream().map(this::shown).toList());
        for (ConsumerPartitionAssignor assignor : List.of(new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(),
            new CooperativeStickyAssignor())) {
            Object outcome;
            try {
                Map<String, Assignment> given = assign(assignor);
                outcome = members.stream().map(member -> words(given.get(member.id).partitions())).toList();
            } catch (RuntimeException refused) {
                outcome = refused.getClass().getSimpleName();
            }
            line.put(assignor.name(), outcome);
        }
        return line;
    }

    private Object shown(Member member) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", member.id);
        shown.put("topics", String.join(" ", member.topics));
        if (!member.owned.isEmpty()) shown.put("owned", words(member.owned));
        if (member.generation >= 0) shown.put("generation", member.generation);
        if (member.instance != null) shown.put("instance", member.instance);
        if (member.rack != null) shown.put("rack", member.rack);
        if (member.first) shown.put("first", true);
        return shown;
    }

    private static String words(List<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::toString).collect(Collectors.joining(" "));
    }

    /** As the leader of the group does: subscriptions read from the wire, in a HashMap (ConsumerCoordinator.onLeaderElected). */
    private Map<String, Assignment> assign(ConsumerPartitionAssignor assignor) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        for (Member member : members) {
            ByteBuffer wire = ConsumerProtocol.serializeSubscription(subscriptionOf(assignor, member));
            Subscription read = ConsumerProtocol.deserializeSubscription(wire);
            read.setGroupInstanceId(Optional.ofNullable(member.instance));
            subscriptions.put(member.id, read);
        }
        return assignor.assign(cluster(), new GroupSubscription(subscriptions)).groupAssignment();
    }

    /** What the member's own assignor adds: eager members have given up everything when they join. */
    private Subscription subscriptionOf(ConsumerPartitionAssignor assignor, Member member) {
        ByteBuffer userData = null;
        ConsumerGroupMetadata metadata = new ConsumerGroupMetadata("group", member.generation, member.id, Optional.empty());
        Set<String> topicSet = new LinkedHashSet<>(member.topics);
        boolean cooperative = assignor instanceof CooperativeStickyAssignor;
        if (assignor instanceof StickyAssignor) {
            StickyAssignor own = new StickyAssignor();
            if (!member.first) own.onAssignment(new Assignment(member.owned), metadata);
            userData = own.subscriptionUserData(topicSet);
        } else if (cooperative) {
            CooperativeStickyAssignor own = new CooperativeStickyAssignor();
            if (!member.first) own.onAssignment(new Assignment(member.owned), metadata);
            userData = own.subscriptionUserData(topicSet);
        }
        List<TopicPartition> owned = cooperative ? member.owned : List.of();
        return new Subscription(member.topics, userData, owned, member.generation, Optional.ofNullable(member.rack));
    }

    private Cluster cluster() {
        List<PartitionInfo> partitions = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        Map<String, Node> byRack = new HashMap<>();
        topics.forEach((topic, replicas) -> {
            for (int p = 0; p < replicas.size(); p++) {
                Node[] hosts = replicas.get(p).stream()
                    .map(rack -> byRack.computeIfAbsent(String.valueOf(rack), name -> {
                        Node node = new Node(nodes.size(), "host", 9092, racked ? rack : null);
                        nodes.add(node);
                        return node;
                    }))
                    .toArray(Node[]::new);
                partitions.add(new PartitionInfo(topic, p, hosts[0], hosts, hosts));
            }
        });
        return new Cluster("cluster", nodes, partitions, Set.of(), Set.of());
    }
}

package faultline.vectors;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupSpec;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.MemberSubscription;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.MemberAssignmentImpl;

/** The assignors of the group coordinator (KIP-848): new groups, grown ones, and ones with any valid target assignment. */
final class ServerGroups {
    private static final class Member {
        final String id;
        Set<Uuid> topics;
        String instance;
        Map<Uuid, Set<Integer>> target = new TreeMap<>();

        Member(String id) {
            this.id = id;
        }
    }

    static List<Object> lines() {
        Draw draw = new Draw(8);
        List<Object> lines = new ArrayList<>();
        for (int i = 0; i < 500; i++) lines.add(new ServerGroups(draw).line());
        return lines;
    }

    private final Draw draw;
    private final boolean equal;
    private final Map<Uuid, Integer> topics = new LinkedHashMap<>();
    private final List<Member> members = new ArrayList<>();

    private ServerGroups(Draw draw) {
        this.draw = draw;
        equal = draw.chance(50);
        for (int t = draw.between(1, 5); t > 0; t--) {
            topics.put(new Uuid(draw.bits(), draw.bits()), draw.oneOf(draw.between(1, 5), draw.between(1, 12), draw.between(10, 40)));
        }
        for (int m = draw.between(1, 9); m > 0; m--) join();
        for (int steps = draw.oneOf(0, 1, 2, 3); steps > 0; steps--) nextEpoch();
        if (draw.chance(20)) scatter();
    }

    private void join() {
        Member member = new Member(draw.memberId(members.size()));
        if (members.stream().anyMatch(other -> other.id.equals(member.id))) return;
        member.topics = subscription();
        if (draw.chance(25)) member.instance = draw.oneOf("inst-", "z") + draw.below(1000) + "-" + members.size();
        members.add(member);
    }

    private Set<Uuid> subscription() {
        List<Uuid> all = new ArrayList<>(topics.keySet());
        return new LinkedHashSet<>(equal ? all : draw.shuffled(all).subList(0, draw.between(1, all.size())));
    }

    private void nextEpoch() {
        Map<String, MemberAssignment> given;
        try {
            given = assign(draw.chance(75) ? new UniformAssignor() : new RangeAssignor());
        } catch (RuntimeException refused) {
            return;
        }
        for (Member member : members) {
            member.target = given.containsKey(member.id) ? new TreeMap<>(given.get(member.id).partitions()) : new TreeMap<>();
        }
        if (members.size() > 1 && draw.chance(50)) members.remove(draw.below(members.size()));
        for (int n = draw.oneOf(0, 1, 1, 3); n > 0; n--) join();
        if (draw.chance(20)) {
            Uuid topic = draw.pick(new ArrayList<>(topics.keySet()));
            topics.put(topic, topics.get(topic) + draw.between(1, 6));
        }
        if (draw.chance(15)) {
            topics.put(new Uuid(draw.bits(), draw.bits()), draw.between(1, 8));
            if (equal) for (Member member : members) member.topics = subscription();
        }
        if (!equal && draw.chance(40)) draw.pick(members).topics = subscription();
    }

    /** Every partition is some member's or nobody's: subscribed or not, balanced or not. */
    private void scatter() {
        for (Member member : members) member.target = new TreeMap<>();
        topics.forEach((topic, count) -> {
            for (int p = 0; p < count; p++) {
                if (draw.chance(20)) continue;
                draw.pick(members).target.computeIfAbsent(topic, none -> new TreeSet<>()).add(p);
            }
        });
    }

    private Object line() {
        Map<String, Object> line = new LinkedHashMap<>();
        Map<Uuid, Integer> numbers = new HashMap<>();
        topics.keySet().forEach(topic -> numbers.put(topic, numbers.size()));
        Map<String, Object> shownTopics = new LinkedHashMap<>();
        topics.forEach((topic, count) -> shownTopics.put(topic.toString(), count));
        line.put("topics", shownTopics);
        line.put("members", members.stream().map(member -> {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("id", member.id);
            if (member.instance != null) shown.put("instance", member.instance);
            shown.put("topics", member.topics.stream().map(numbers::get).toList());
            if (!member.target.isEmpty()) shown.put("target", byNumber(member.target, numbers));
            return shown;
        }).toList());
        for (ConsumerGroupPartitionAssignor assignor : List.of(new UniformAssignor(), new RangeAssignor())) {
            Object outcome;
            try {
                Map<String, MemberAssignment> given = assign(assignor);
                outcome = members.stream()
                    .map(member -> given.containsKey(member.id) ? byNumber(given.get(member.id).partitions(), numbers) : Map.of())
                    .toList();
            } catch (RuntimeException refused) {
                // Assignors of early releases could fail an assertion of their own.
                outcome = refused.getClass().getSimpleName();
            }
            line.put(assignor.name(), outcome);
        }
        return line;
    }

    /** By the topic's place in the list, ascending: the result is sets, without an order of its own. */
    private static Object byNumber(Map<Uuid, Set<Integer>> partitions, Map<Uuid, Integer> numbers) {
        Map<Integer, Object> shown = new TreeMap<>();
        partitions.forEach((topic, set) -> shown.put(numbers.get(topic), new TreeSet<>(set)));
        return shown;
    }

    private Map<String, MemberAssignment> assign(ConsumerGroupPartitionAssignor assignor) {
        return assignor.assign(new Group(), new Describer()).members();
    }

    private final class Describer implements SubscribedTopicDescriber {
        @Override
        public int numPartitions(Uuid topicId) {
            return topics.getOrDefault(topicId, -1);
        }

        @Override
        public Set<String> racksForPartition(Uuid topicId, int partition) {
            return Set.of();
        }
    }

    /** As TargetAssignmentBuilder makes it: members in a HashMap, assignments unmodifiable, topics and partitions in hash sets. */
    private final class Group implements GroupSpec {
        private final Map<String, Member> byId = new HashMap<>();
        private final Map<Uuid, Set<Integer>> assigned = new HashMap<>();

        Group() {
            for (Member member : members) {
                byId.put(member.id, member);
                member.target.forEach((topic, set) -> assigned.computeIfAbsent(topic, none -> new HashSet<>()).addAll(set));
            }
        }

        @Override
        public Collection<String> memberIds() {
            return byId.keySet();
        }

        @Override
        public SubscriptionType subscriptionType() {
            return members.stream().map(member -> member.topics).collect(Collectors.toSet()).size() <= 1
                ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        }

        @Override
        public boolean isPartitionAssigned(Uuid topicId, int partition) {
            return assigned.getOrDefault(topicId, Set.of()).contains(partition);
        }

        // Of later releases only: every partition may be assigned.
        public boolean isPartitionAssignable(Uuid topicId, int partition) {
            return true;
        }

        @Override
        public MemberSubscription memberSubscription(String memberId) {
            Member member = byId.get(memberId);
            return new MemberSubscription() {
                @Override
                public Optional<String> rackId() {
                    return Optional.empty();
                }

                @Override
                public Optional<String> instanceId() {
                    return Optional.ofNullable(member.instance);
                }

                @Override
                public Set<Uuid> subscribedTopicIds() {
                    return member.topics;
                }
            };
        }

        @Override
        public MemberAssignment memberAssignment(String memberId) {
            Map<Uuid, Set<Integer>> copy = new HashMap<>();
            Map<Uuid, Set<Integer>> target = byId.get(memberId).target;
            // In the order of the line's list: it shows where two topics share a bucket.
            for (Uuid topic : topics.keySet()) {
                if (target.containsKey(topic)) copy.put(topic, new HashSet<>(new TreeSet<>(target.get(topic))));
            }
            return new MemberAssignmentImpl(Collections.unmodifiableMap(copy));
        }
    }
}

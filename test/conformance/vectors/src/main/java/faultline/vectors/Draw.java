package faultline.vectors;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Inputs: the same for every release, since java.util.Random is specified to the bit. */
final class Draw {
    private final Random random;

    Draw(long seed) {
        random = new Random(seed);
    }

    /** From 0 to bound - 1. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    long bits() {
        return random.nextLong();
    }

    <T> T pick(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    @SafeVarargs
    final <T> T oneOf(T... items) {
        return items[random.nextInt(items.length)];
    }

    <T> List<T> shuffled(List<T> items) {
        List<T> copy = new ArrayList<>(items);
        Collections.shuffle(copy, random);
        return copy;
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Characters of one, two, three and four bytes, now and then half of a pair. */
    String text(int length) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int kind = random.nextInt(100);
            if (kind < 80) out.append((char) between(0x20, 0x7e));
            else if (kind < 87) out.append((char) between(0x80, 0x7ff));
            else if (kind < 94) out.append((char) between(0x800, 0xd7ff));
            else if (kind < 98) out.appendCodePoint(between(0x10000, 0x10ffff));
            else out.append((char) between(0xd800, 0xdfff));
        }
        return out.toString();
    }

    String word(int length) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++) out.append((char) ('a' + random.nextInt(26)));
        return out.toString();
    }

    /** As a consumer without a name of its own is called. */
    String memberId(int number) {
        if (chance(30)) return "consumer-" + number;
        if (chance(30)) return word(between(1, 6)) + number;
        return String.format("consumer-%d-%08x-%04x-%04x-%04x-%012x", number, random.nextInt(),
            random.nextInt(65536), random.nextInt(65536), random.nextInt(65536), random.nextLong() >>> 16);
    }
}

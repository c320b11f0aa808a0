package faultline;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The record batches in a log directory, read from its segment files while a broker may be writing them. Only message format 2 without
 * compression, read here and not by Kafka's classes, which have moved between releases.
 */
final class Segments {
  static final class Rec {
    long offset;
    ByteBuffer key;
    ByteBuffer value;
  }

  static final class Batch {
    long baseOffset;
    long lastOffset;
    int leaderEpoch;
    boolean control;
    long maxTimestamp;
    final List<Rec> records = new ArrayList<>();
  }

  private static final int OVERHEAD = 12;

  static File[] files(File dir) {
    File[] files = dir.listFiles((d, name) -> name.endsWith(".log"));
    if (files == null) return new File[0];
    Arrays.sort(files, Comparator.comparingLong(Segments::base));
    return files;
  }

  static long base(File segment) {
    return Long.parseLong(segment.getName().substring(0, 20));
  }

  static List<Batch> read(File dir) throws IOException {
    List<Batch> batches = new ArrayList<>();
    for (File file : files(dir)) {
      ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file.toPath()));
      while (in.remaining() > OVERHEAD) {
        int start = in.position();
        int size = in.getInt(start + 8);
        if (size <= 0 || start + OVERHEAD + size > in.limit()) break;
        batches.add(batch(in.slice(start, OVERHEAD + size)));
        in.position(start + OVERHEAD + size);
      }
    }
    return batches;
  }

  private static Batch batch(ByteBuffer in) {
    Batch b = new Batch();
    b.baseOffset = in.getLong(0);
    b.leaderEpoch = in.getInt(12);
    if (in.get(16) != 2) throw new IllegalStateException("message format " + in.get(16));
    short attributes = in.getShort(21);
    if ((attributes & 7) != 0) throw new IllegalStateException("compressed batch");
    b.control = (attributes & 0x20) != 0;
    b.lastOffset = b.baseOffset + in.getInt(23);
    b.maxTimestamp = in.getLong(35);
    int count = in.getInt(57);
    in.position(61);
    for (int i = 0; i < count; i++) {
      int length = varint(in);
      int end = in.position() + length;
      in.get();
      varlong(in);
      Rec r = new Rec();
      r.offset = b.baseOffset + varint(in);
      r.key = bytes(in);
      r.value = bytes(in);
      b.records.add(r);
      in.position(end);
    }
    return b;
  }

  private static ByteBuffer bytes(ByteBuffer in) {
    int length = varint(in);
    if (length < 0) return null;
    ByteBuffer slice = in.slice(in.position(), length);
    in.position(in.position() + length);
    return slice;
  }

  private static int varint(ByteBuffer in) {
    return (int) varlong(in);
  }

  private static long varlong(ByteBuffer in) {
    long raw = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      raw |= (long) (b & 0x7f) << shift;
      if (b >= 0) break;
    }
    return (raw >>> 1) ^ -(raw & 1);
  }
}

package servings.flink.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Writes flatbuffers front to back, a parent first, in the same layout as the embedded engine, so that results of both
 *  are the same bytes. Only templates are made with it, never single records. */
final class FlatbufferWriter {
  /** Something that a table points to, or a number in it. */
  abstract static class Slot {
    abstract int size();
  }

  private static final class Num extends Slot {
    final int bytes;
    final long value;

    Num(int bytes, long value) {
      this.bytes = bytes;
      this.value = value;
    }

    @Override
    int size() {
      return bytes;
    }
  }

  private abstract static class Pointed extends Slot {
    @Override
    int size() {
      return 4;
    }
  }

  private static final class Table extends Pointed {
    final Slot[] slots;

    Table(Slot[] slots) {
      this.slots = slots;
    }
  }

  private static final class Tables extends Pointed {
    final List<Slot> items;

    Tables(List<Slot> items) {
      this.items = items;
    }
  }

  private static final class Text extends Pointed {
    final byte[] text;

    Text(String text) {
      this.text = text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private static final class LongPairs extends Pointed {
    final long[] numbers;

    LongPairs(long[] numbers) {
      this.numbers = numbers;
    }
  }

  static Slot table(Slot... slots) {
    return new Table(slots);
  }

  static Slot tables(List<Slot> items) {
    return new Tables(items);
  }

  static Slot text(String text) {
    return new Text(text);
  }

  static Slot longPairs(long... numbers) {
    return new LongPairs(numbers);
  }

  static Slot num(int bytes, long value) {
    return new Num(bytes, value);
  }

  private ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
  private int end = 4;

  private FlatbufferWriter() {}

  /** The bytes of the flatbuffer, padded to a multiple of eight. */
  static byte[] write(Slot root) {
    FlatbufferWriter out = new FlatbufferWriter();
    int start = out.node(root);
    out.bytes.putInt(0, start);
    out.reserve(-out.end & 7);
    return Arrays.copyOf(out.bytes.array(), out.end);
  }

  private int reserve(int size) {
    int at = end;
    end += size;
    if (end > bytes.capacity())
      bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), 2 * end)).order(ByteOrder.LITTLE_ENDIAN);
    return at;
  }

  private int node(Slot node) {
    reserve(-end & 3);
    if (node instanceof Text) {
      byte[] text = ((Text) node).text;
      int at = reserve(4 + text.length + 1);
      bytes.putInt(at, text.length);
      for (int i = 0; i < text.length; i++) bytes.put(at + 4 + i, text[i]);
      return at;
    }
    if (node instanceof LongPairs) {
      long[] numbers = ((LongPairs) node).numbers;
      if ((end & 7) == 0) reserve(4);
      int at = reserve(4 + 8 * numbers.length);
      bytes.putInt(at, numbers.length / 2);
      for (int i = 0; i < numbers.length; i++) bytes.putLong(at + 4 + 8 * i, numbers[i]);
      return at;
    }
    if (node instanceof Tables) {
      List<Slot> items = ((Tables) node).items;
      int at = reserve(4 + 4 * items.size());
      bytes.putInt(at, items.size());
      for (int i = 0; i < items.size(); i++) pointer(at + 4 + 4 * i, items.get(i));
      return at;
    }
    return tableNode(((Table) node).slots);
  }

  private int tableNode(Slot[] slots) {
    int vtableSize = 4 + 2 * slots.length;
    // The table itself starts on a multiple of eight, so that fields sorted by size are aligned without gaps.
    reserve(-(end + vtableSize) & 7);
    int vtable = reserve(vtableSize);
    int at = reserve(4);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < slots.length; i++) if (slots[i] != null) order.add(i);
    order.sort(Comparator.comparingInt((Integer i) -> -slots[i].size()));
    if (!order.isEmpty() && slots[order.get(0)].size() == 8) reserve(4);
    int[] places = new int[slots.length];
    for (int i : order) {
      places[i] = reserve(slots[i].size());
      bytes.putShort(vtable + 4 + 2 * i, (short) (places[i] - at));
    }
    bytes.putShort(vtable, (short) vtableSize);
    bytes.putShort(vtable + 2, (short) (end - at));
    bytes.putInt(at, at - vtable);
    for (int i : order) {
      if (slots[i] instanceof Num) number(places[i], (Num) slots[i]);
      else pointer(places[i], slots[i]);
    }
    return at;
  }

  private void number(int place, Num number) {
    if (number.bytes == 8) bytes.putLong(place, number.value);
    else if (number.bytes == 4) bytes.putInt(place, (int) number.value);
    else if (number.bytes == 2) bytes.putShort(place, (short) number.value);
    else bytes.put(place, (byte) number.value);
  }

  private void pointer(int place, Slot node) {
    int target = node(node);
    bytes.putInt(place, target - place);
  }

  /** A message behind its length, as Arrow streams have it. */
  static void framed(ByteArrayOutputStream out, Slot message) {
    byte[] metadata = write(message);
    byte[] head =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(0xffffffff).putInt(metadata.length).array();
    out.write(head, 0, head.length);
    out.write(metadata, 0, metadata.length);
  }
}

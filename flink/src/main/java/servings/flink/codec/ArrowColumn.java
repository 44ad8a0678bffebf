package servings.flink.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One column with everything below it, flattened: the values of all rows, whatever row they belong to. */
final class ArrowColumn {
  final ArrowField field;
  final int length;
  final int nulls;
  /** Start of the validity bits, -1 when every value counts. */
  private final int validity;
  /** {@code float[]}, {@code double[]}, {@code int[]} or {@code String[]}; null for lists, structs and nulls. */
  final Object values;

  final List<ArrowColumn> children;
  private final ByteBuffer bytes;

  private ArrowColumn(
      ArrowField field,
      int length,
      int nulls,
      int validity,
      Object values,
      List<ArrowColumn> children,
      ByteBuffer bytes) {
    this.field = field;
    this.length = length;
    this.nulls = nulls;
    this.validity = validity;
    this.values = values;
    this.children = children;
    this.bytes = bytes;
  }

  /** Reads the columns of one batch. Its row count is not looked at: the original's frontend declares one row over
   *  columns that hold more.
   *  @param body  where its buffers begin, and {@code end} where they end */
  static List<ArrowColumn> ofBatch(ByteBuffer bytes, int table, int body, int end, List<ArrowField> fields) {
    if (table == 0) throw RecordException.undecodable("", "an Arrow batch is empty");
    if (Flatbuffer.field(bytes, table, 3) != 0)
      throw RecordException.undecodable("", "compressed Arrow is not supported");
    Cursor cursor = new Cursor(bytes, table, body, end);
    List<ArrowColumn> columns = new ArrayList<>(fields.size());
    for (ArrowField field : fields) columns.add(cursor.column(field));
    return columns;
  }

  boolean isValid(int row) {
    if (field.type == ArrowField.Type.NULL) return false;
    return validity < 0 || ((bytes.get(validity + (row >> 3)) >> (row & 7)) & 1) == 1;
  }

  /** Takes nodes and buffers of a batch in the depth-first order in which the schema names its fields. */
  private static final class Cursor {
    private final ByteBuffer bytes;
    private final int body;
    private final int end;
    private final int nodeEnd;
    private final int bufferEnd;
    private int node;
    private int buffer;
    private int start;
    private int size;

    Cursor(ByteBuffer bytes, int table, int body, int end) {
      this.bytes = bytes;
      this.body = body;
      this.end = end;
      int nodes = Flatbuffer.child(bytes, table, 1);
      int buffers = Flatbuffer.child(bytes, table, 2);
      node = nodes + 4;
      nodeEnd = node + 16 * Flatbuffer.vectorLength(bytes, nodes, 16);
      buffer = buffers + 4;
      bufferEnd = buffer + 16 * Flatbuffer.vectorLength(bytes, buffers, 16);
    }

    ArrowColumn column(ArrowField field) {
      if (node == nodeEnd) throw RecordException.undecodable(field.name, "is missing in the Arrow batch");
      int length = Flatbuffer.size64(bytes, node);
      int nulls = Flatbuffer.size64(bytes, node + 8);
      node += 16;
      int validity = -1;
      if (field.type != ArrowField.Type.NULL) {
        next(field);
        if (nulls > 0 && size * 8L < length) throw RecordException.undecodable(field.name, "has too few validity bits");
        if (nulls > 0) validity = start;
      }
      Object values = values(field, length);
      List<ArrowColumn> children = new ArrayList<>(field.children.size());
      for (ArrowField child : field.children) children.add(column(child));
      return new ArrowColumn(field, length, nulls, validity, values, children, bytes);
    }

    private Object values(ArrowField field, int length) {
      switch (field.type) {
        case NULL:
        case STRUCT:
        case FIXED_LIST:
          return null;
        case LIST:
        case LARGE_LIST:
          next(field);
          return null;
        case UTF8:
        case LARGE_UTF8:
          next(field);
          int offsets = start;
          int offsetsSize = size;
          next(field);
          return texts(field, length, offsets, offsetsSize);
        default:
          next(field);
          return numbers(field, length);
      }
    }

    private void next(ArrowField field) {
      if (buffer == bufferEnd) throw RecordException.undecodable(field.name, "lacks a buffer in the Arrow batch");
      long from = body + (long) Flatbuffer.size64(bytes, buffer);
      size = Flatbuffer.size64(bytes, buffer + 8);
      buffer += 16;
      if (from + size > end) throw RecordException.undecodable(field.name, "has a buffer outside of the payload");
      start = (int) from;
    }

    /** The values as one of the kinds that a tensor carries. */
    private Object numbers(ArrowField field, int length) {
      int width = width(field.type);
      long needed = field.type == ArrowField.Type.BOOL ? (length + 7L) / 8 : (long) length * width;
      if (needed > size) throw RecordException.undecodable(field.name, "is shorter than it says");
      switch (field.type) {
        case FLOAT32:
          float[] floats = new float[length];
          at(start).asFloatBuffer().get(floats);
          return floats;
        case INT32:
          int[] ints = new int[length];
          at(start).asIntBuffer().get(ints);
          return ints;
        case FLOAT64:
          double[] doubles = new double[length];
          at(start).asDoubleBuffer().get(doubles);
          return doubles;
        case FLOAT16:
          float[] halves = new float[length];
          for (int i = 0; i < length; i++) halves[i] = Half.toFloat(bytes.getShort(start + 2 * i) & 0xffff);
          return halves;
        default:
          int[] whole = new int[length];
          for (int i = 0; i < length; i++) whole[i] = whole(field, i);
          return whole;
      }
    }

    private int whole(ArrowField field, int i) {
      switch (field.type) {
        case BOOL:
          return (bytes.get(start + (i >> 3)) >> (i & 7)) & 1;
        case INT8:
          return bytes.get(start + i);
        case UINT8:
          return bytes.get(start + i) & 0xff;
        case INT16:
          return bytes.getShort(start + 2 * i);
        case UINT16:
          return bytes.getShort(start + 2 * i) & 0xffff;
        case UINT32:
          return narrowed(field, bytes.getInt(start + 4 * i) & 0xffffffffL);
        case UINT64:
          long value = bytes.getLong(start + 8 * i);
          return narrowed(field, value < 0 ? Long.MAX_VALUE : value);
        default:
          return narrowed(field, bytes.getLong(start + 8 * i));
      }
    }

    private static int narrowed(ArrowField field, long value) {
      if (value > Integer.MAX_VALUE || value < Integer.MIN_VALUE)
        throw RecordException.undecodable(field.name, value + " does not fit 32 bits");
      return (int) value;
    }

    private static int width(ArrowField.Type type) {
      switch (type) {
        case INT8:
        case UINT8:
        case BOOL:
          return 1;
        case INT16:
        case UINT16:
        case FLOAT16:
          return 2;
        case INT32:
        case UINT32:
        case FLOAT32:
          return 4;
        default:
          return 8;
      }
    }

    private ByteBuffer at(int position) {
      ByteBuffer view = bytes.duplicate().order(bytes.order());
      view.position(position);
      return view;
    }

    /** Offsets must rise and stay in the buffer, so together the texts are no longer than it. */
    private String[] texts(ArrowField field, int length, int offsets, int offsetsSize) {
      if (length == 0) return new String[0];
      boolean isWide = field.type == ArrowField.Type.LARGE_UTF8;
      int width = isWide ? 8 : 4;
      if ((length + 1L) * width > offsetsSize) throw RecordException.undecodable(field.name, "is shorter than it says");
      String[] texts = new String[length];
      int from = isWide ? Flatbuffer.size64(bytes, offsets) : bytes.getInt(offsets);
      for (int i = 1; i <= length; i++) {
        int place = offsets + i * width;
        int to = isWide ? Flatbuffer.size64(bytes, place) : bytes.getInt(place);
        if (from < 0 || to < from || to > size)
          throw RecordException.undecodable(field.name, "has a text outside of its buffer");
        byte[] text = new byte[to - from];
        at(start + from).get(text);
        texts[i - 1] = new String(text, StandardCharsets.UTF_8);
        from = to;
      }
      return texts;
    }
  }
}

package servings.flink.codec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A column that an Arrow schema declares. */
final class ArrowField {
  enum Type {
    NULL,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    BOOL,
    UTF8,
    LARGE_UTF8,
    LIST,
    LARGE_LIST,
    FIXED_LIST,
    STRUCT
  }

  /** A record nests three deep; offsets may point many times at one place, so a small payload could unfold without end. */
  private static final int MAX_DEPTH = 8;

  private static final int MAX_FIELDS = 4096;

  final String name;
  final Type type;
  final List<ArrowField> children;

  private ArrowField(String name, Type type, List<ArrowField> children) {
    this.name = name;
    this.type = type;
    this.children = children;
  }

  /** The columns of the schema message whose flatbuffer begins at {@code start}. */
  static List<ArrowField> ofSchema(ByteBuffer bytes, int start) {
    int schema = Flatbuffer.child(bytes, Flatbuffer.follow(bytes, start), 2);
    if (schema == 0) throw RecordException.undecodable("", "the Arrow schema is empty");
    if (Flatbuffer.shortField(bytes, schema, 0) != 0)
      throw RecordException.undecodable("", "big-endian Arrow is not supported");
    return fields(bytes, Flatbuffer.child(bytes, schema, 1), 0, new int[] {MAX_FIELDS});
  }

  private static List<ArrowField> fields(ByteBuffer bytes, int vector, int depth, int[] budget) {
    int count = Flatbuffer.vectorLength(bytes, vector, 4);
    budget[0] -= count;
    if (depth > MAX_DEPTH || budget[0] < 0) throw RecordException.undecodable("", "the Arrow schema is too large");
    List<ArrowField> fields = new ArrayList<>(count);
    for (int i = 0; i < count; i++)
      fields.add(field(bytes, Flatbuffer.follow(bytes, vector + 4 + 4 * i), depth, budget));
    return fields;
  }

  private static ArrowField field(ByteBuffer bytes, int table, int depth, int[] budget) {
    String name = Flatbuffer.text(bytes, Flatbuffer.child(bytes, table, 0));
    if (Flatbuffer.field(bytes, table, 4) != 0)
      throw RecordException.undecodable(name, "dictionary-encoded columns are not supported");
    Type type = type(bytes, Flatbuffer.byteField(bytes, table, 2), Flatbuffer.child(bytes, table, 3));
    if (type == null) throw RecordException.undecodable(name, "a column of this Arrow type is not supported");
    List<ArrowField> children = fields(bytes, Flatbuffer.child(bytes, table, 5), depth + 1, budget);
    boolean isList = type == Type.LIST || type == Type.LARGE_LIST || type == Type.FIXED_LIST;
    if (isList && children.size() != 1)
      throw RecordException.undecodable(name, "a list column without its one item type");
    if (!isList && type != Type.STRUCT && !children.isEmpty())
      throw RecordException.undecodable(name, "a plain column with children");
    return new ArrowField(name, type, children);
  }

  /** The numbers are those of {@code union Type} in Arrow's Schema.fbs. */
  private static Type type(ByteBuffer bytes, int code, int table) {
    if (table == 0) return null;
    switch (code) {
      case 1:
        return Type.NULL;
      case 2:
        return intType(Flatbuffer.intField(bytes, table, 0), Flatbuffer.byteField(bytes, table, 1) != 0);
      case 3:
        int precision = Flatbuffer.shortField(bytes, table, 0);
        return precision == 0 ? Type.FLOAT16 : precision == 1 ? Type.FLOAT32 : precision == 2 ? Type.FLOAT64 : null;
      case 5:
        return Type.UTF8;
      case 6:
        return Type.BOOL;
      case 12:
        return Type.LIST;
      case 13:
        return Type.STRUCT;
      case 16:
        return Type.FIXED_LIST;
      case 20:
        return Type.LARGE_UTF8;
      case 21:
        return Type.LARGE_LIST;
      default:
        return null;
    }
  }

  private static Type intType(int bits, boolean isSigned) {
    switch (bits) {
      case 8:
        return isSigned ? Type.INT8 : Type.UINT8;
      case 16:
        return isSigned ? Type.INT16 : Type.UINT16;
      case 32:
        return isSigned ? Type.INT32 : Type.UINT32;
      case 64:
        return isSigned ? Type.INT64 : Type.UINT64;
      default:
        return null;
    }
  }
}

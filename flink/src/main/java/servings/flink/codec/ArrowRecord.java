package servings.flink.codec;

import java.lang.reflect.Array;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Decodes the {@code data} field of a record: base64 of an Arrow IPC stream, or of a file around one, with one batch and
 *  a column for each input. Children are found by name; nothing outside of the payload is read. */
public final class ArrowRecord {
  private static final int CONTINUATION = -1;
  private static final int SCHEMA = 1;
  private static final int BATCH = 3;

  private ArrowRecord() {}

  /** @throws RecordException "record-undecodable", naming the column */
  public static Map<String, Input> decode(byte[] base64) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64Text.decode(base64, "data")).order(ByteOrder.LITTLE_ENDIAN);
    try {
      return read(bytes);
    } catch (IndexOutOfBoundsException | BufferUnderflowException | IllegalArgumentException error) {
      throw RecordException.undecodable("", "the Arrow data is damaged");
    }
  }

  private static Map<String, Input> read(ByteBuffer bytes) {
    List<ArrowColumn> columns = columns(bytes);
    if (columns == null || columns.isEmpty())
      throw RecordException.undecodable("", "the Arrow data holds no values");
    Map<String, Input> inputs = new LinkedHashMap<>();
    for (ArrowColumn column : columns)
      if (inputs.put(column.field.name, input(column)) != null)
        throw RecordException.undecodable(column.field.name, "is there twice");
    return inputs;
  }

  /** Messages may lack the continuation marker, as before Arrow 0.15. */
  private static List<ArrowColumn> columns(ByteBuffer bytes) {
    List<ArrowField> fields = null;
    List<ArrowColumn> columns = null;
    int at = 0;
    int end = bytes.limit();
    if (end > 18 && startsAsFile(bytes)) {
      at = 8;
      end = end - 10 - bytes.getInt(end - 10);
    }
    while (at + 4 <= end) {
      int size = bytes.getInt(at);
      at += 4;
      if (size == CONTINUATION) {
        size = bytes.getInt(at);
        at += 4;
      }
      if (size == 0) break;
      int body = Math.addExact(at, size);
      if (size < 0 || body > end) throw new IndexOutOfBoundsException("a message is longer than the payload");
      int message = Flatbuffer.follow(bytes, at);
      int bodyField = Flatbuffer.field(bytes, message, 3);
      long next = body + (bodyField == 0 ? 0L : Flatbuffer.size64(bytes, bodyField));
      if (next > end) throw new IndexOutOfBoundsException("a body is longer than the payload");
      int kind = Flatbuffer.byteField(bytes, message, 1);
      if (kind == SCHEMA) {
        if (fields != null) throw RecordException.undecodable("", "the Arrow data has two schemas");
        fields = ArrowField.ofSchema(bytes, at);
      } else if (kind == BATCH) {
        if (fields == null) throw RecordException.undecodable("", "the Arrow data has no schema");
        if (columns != null) throw RecordException.undecodable("", "a record must be one Arrow batch");
        columns = ArrowColumn.ofBatch(bytes, Flatbuffer.child(bytes, message, 2), body, (int) next, fields);
      } else throw RecordException.undecodable("", "dictionaries and Arrow tensor messages are not supported");
      at = (int) next;
    }
    if (fields == null) throw RecordException.undecodable("", "is not Arrow data");
    return columns;
  }

  private static boolean startsAsFile(ByteBuffer bytes) {
    String magic = "ARROW1";
    for (int i = 0; i < magic.length(); i++) if (bytes.get(i) != magic.charAt(i)) return false;
    return true;
  }

  private static Input input(ArrowColumn column) {
    String name = column.field.name;
    switch (column.field.type) {
      case STRUCT:
        return tensor(name, column);
      case UTF8:
      case LARGE_UTF8:
        return Input.text(((String[]) column.values)[onlyRow(column)]);
      case LIST:
      case LARGE_LIST:
      case FIXED_LIST:
      case NULL:
        throw RecordException.undecodable(name, "is neither a tensor, a text nor a number");
      default:
        // The original gives a number the shape [1], in Arrow as in JSON.
        int row = onlyRow(column);
        Object one = Array.newInstance(column.values.getClass().getComponentType(), 1);
        System.arraycopy(column.values, row, one, 0, 1);
        return Input.dense(new int[] {1}, one);
    }
  }

  /** Beside a tensor of four rows a plain column has nulls; exactly one row may hold its value. */
  private static int onlyRow(ArrowColumn column) {
    if (column.length == 1 && column.nulls == 0) return 0;
    if (column.length - column.nulls == 1)
      for (int i = 0; i < column.length; i++) if (column.isValid(i)) return i;
    throw RecordException.undecodable(column.field.name, "must hold exactly one value");
  }

  private static Input tensor(String name, ArrowColumn column) {
    Object data = values(name, items(name, column, "data"));
    int[] shape = whole(name, items(name, column, "shape"));
    if (shape.length > Input.MAX_AXES) throw RecordException.undecodable(name, "a tensor of " + shape.length + " axes");
    long count = Input.elementCount(shape);
    if (count < 0)
      throw RecordException.undecodable(name, "the shape " + Input.shapeText(shape) + " is impossible");
    if (holdsValues(child(column, "indiceData")) || holdsValues(child(column, "indiceShape")))
      return sparse(name, column, shape, data);
    if (count != Input.length(data))
      throw RecordException.undecodable(
          name, "the shape " + Input.shapeText(shape) + " does not fit " + Input.length(data) + " values");
    return Input.dense(shape, data);
  }

  private static Input sparse(String name, ArrowColumn column, int[] shape, Object data) {
    Object indices = values(name, items(name, column, "indiceData"));
    int[] indiceShape = whole(name, items(name, column, "indiceShape"));
    if (!(indices instanceof int[])) throw RecordException.undecodable(name, "the indices must be integers");
    int count = ((int[]) indices).length;
    if (Input.elementCount(indiceShape) != count)
      throw RecordException.undecodable(
          name, "indiceShape " + Input.shapeText(indiceShape) + " does not fit " + count + " indices");
    if (count != (long) Input.length(data) * shape.length)
      throw RecordException.undecodable(
          name,
          Input.length(data) + " values of " + shape.length + " axes do not fit " + count + " indices");
    return Input.sparse(shape, data, (int[]) indices, indiceShape);
  }

  private static ArrowColumn child(ArrowColumn column, String name) {
    for (ArrowColumn child : column.children) if (child.field.name.equals(name)) return child;
    return null;
  }

  private static boolean holdsValues(ArrowColumn list) {
    return list != null && !list.children.isEmpty() && list.children.get(0).length > 0;
  }

  /** The values below a list, of all rows together: writers spread them over rows as they like. */
  private static ArrowColumn items(String name, ArrowColumn column, String part) {
    ArrowColumn list = child(column, part);
    if (list == null || list.children.isEmpty())
      throw RecordException.undecodable(name, "the tensor has no list \"" + part + "\"");
    ArrowColumn items = list.children.get(0);
    if (items.nulls > 0) throw RecordException.undecodable(name, "\"" + part + "\" holds nulls");
    return items;
  }

  private static int[] whole(String name, ArrowColumn column) {
    Object data = values(name, column);
    if (data instanceof int[]) return (int[]) data;
    throw RecordException.undecodable(name, "a shape must be integers");
  }

  private static Object values(String name, ArrowColumn column) {
    if (column.values != null) return column.values;
    // pyarrow writes an empty Python list as a list of nulls.
    if (column.field.type == ArrowField.Type.NULL && column.length == 0) return new int[0];
    throw RecordException.undecodable(name, "holds neither numbers nor texts");
  }
}

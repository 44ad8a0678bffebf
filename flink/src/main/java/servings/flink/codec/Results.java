package servings.flink.codec;

import static servings.flink.codec.FlatbufferWriter.longPairs;
import static servings.flink.codec.FlatbufferWriter.num;
import static servings.flink.codec.FlatbufferWriter.table;
import static servings.flink.codec.FlatbufferWriter.tables;
import static servings.flink.codec.FlatbufferWriter.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Encodes the outputs of a record as the value of its result hash: base64 of an Arrow IPC stream, one batch for each
 *  output in the model's order, columns {@code data: float32} and {@code shape: int32} of equal length, the shape in its
 *  first rows and null after them. One object for each thread: it fills templates that it keeps. */
public final class Results {
  private static final int METADATA_V5 = 4;
  private static final int MAX_TEMPLATES = 64;

  private final Map<List<Integer>, Template> templates =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Integer>, Template> eldest) {
          return size() > MAX_TEMPLATES;
        }
      };

  private static final class Template {
    final byte[] bytes;
    final ByteBuffer view;
    /** Where data and shape of each output begin. */
    final int[] holes;

    Template(byte[] bytes, int[] holes) {
      this.bytes = bytes;
      this.view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      this.holes = holes;
    }
  }

  /** @throws RecordException "record-undecodable" when a shape does not fit its data */
  public byte[] encode(int[][] shapes, float[][] data) {
    int[][] fitting = new int[shapes.length][];
    List<Integer> key = new ArrayList<>(2 * shapes.length);
    for (int i = 0; i < shapes.length; i++) {
      fitting[i] = fitting(shapes[i], data[i].length);
      key.add(data[i].length);
      key.add(fitting[i].length);
    }
    Template template = templates.computeIfAbsent(key, Results::template);
    for (int i = 0; i < shapes.length; i++) {
      for (int at = 0; at < data[i].length; at++) template.view.putFloat(template.holes[2 * i] + 4 * at, data[i][at]);
      for (int axis = 0; axis < fitting[i].length; axis++)
        template.view.putInt(template.holes[2 * i + 1] + 4 * axis, fitting[i][axis]);
    }
    return Base64.getEncoder().encode(template.bytes);
  }

  /** The clients reshape the whole column, so a shape with more axes than elements loses axes of size 1. */
  private static int[] fitting(int[] shape, int rows) {
    if (Input.elementCount(shape) != rows)
      throw RecordException.undecodable("", Input.shapeText(shape) + " does not fit " + rows + " results");
    if (shape.length <= rows) return shape;
    if (rows == 0) return new int[0];
    int tooMany = shape.length - rows;
    int[] kept = new int[rows];
    int count = 0;
    for (int axis : shape) {
      if (axis == 1 && tooMany-- > 0) continue;
      kept[count++] = axis;
    }
    return Arrays.copyOf(kept, count);
  }

  private static Template template(List<Integer> key) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FlatbufferWriter.Slot fields =
        tables(Arrays.asList(field("data", 3, table(num(2, 1))), field("shape", 2, table(num(4, 32), num(1, 1)))));
    FlatbufferWriter.framed(out, message(1, table(null, fields), 0));
    int[] holes = new int[key.size()];
    for (int i = 0; i < key.size(); i += 2) {
      int rows = key.get(i);
      int axes = key.get(i + 1);
      byte[] validity = validity(rows, axes);
      int[] sizes = {0, 4 * rows, validity.length, 4 * rows};
      long[] places = new long[8];
      int body = 0;
      for (int b = 0; b < 4; b++) {
        places[2 * b] = body;
        places[2 * b + 1] = sizes[b];
        body += padded(sizes[b]);
      }
      FlatbufferWriter.Slot batch =
          table(num(8, rows), longPairs(rows, 0, rows, rows - axes), longPairs(places));
      FlatbufferWriter.framed(out, message(3, batch, body));
      holes[i] = out.size() + (int) places[2];
      holes[i + 1] = out.size() + (int) places[6];
      byte[] bytes = new byte[body];
      System.arraycopy(validity, 0, bytes, (int) places[4], validity.length);
      out.write(bytes, 0, body);
    }
    byte[] ending = {-1, -1, -1, -1, 0, 0, 0, 0};
    out.write(ending, 0, ending.length);
    return new Template(out.toByteArray(), holes);
  }

  private static FlatbufferWriter.Slot message(int kind, FlatbufferWriter.Slot header, int body) {
    return table(num(2, METADATA_V5), num(1, kind), header, num(8, body));
  }

  private static FlatbufferWriter.Slot field(String name, int code, FlatbufferWriter.Slot type) {
    return table(text(name), num(1, 1), num(1, code), type, null, tables(new ArrayList<>()));
  }

  /** Bits that say which rows hold a value; none when all do. */
  private static byte[] validity(int rows, int set) {
    if (set == rows) return new byte[0];
    byte[] bits = new byte[(rows + 7) >> 3];
    for (int row = 0; row < set; row++) bits[row >> 3] |= (byte) (1 << (row & 7));
    return bits;
  }

  private static int padded(int size) {
    return (size + 7) & ~7;
  }
}

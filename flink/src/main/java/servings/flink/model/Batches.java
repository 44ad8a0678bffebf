package servings.flink.model;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;

/** Lays rows of several records behind each other, and takes the results apart again. */
final class Batches {
  private Batches() {}

  /** The data of input {@code i} of all records, behind each other. */
  static Object joined(List<Fitted> records, int i) {
    if (records.size() == 1) return records.get(0).data[i];
    int length = 0;
    for (Fitted record : records) length += Array.getLength(record.data[i]);
    Object all = Array.newInstance(records.get(0).data[i].getClass().getComponentType(), length);
    int at = 0;
    for (Fitted record : records) {
      int count = Array.getLength(record.data[i]);
      System.arraycopy(record.data[i], 0, all, at, count);
      at += count;
    }
    return all;
  }

  static List<Object[]> feeds(List<TensorInfo> inputs, List<Fitted> records) {
    int rows = 0;
    for (Fitted record : records) rows += record.rows;
    List<Object[]> feeds = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      TensorInfo info = inputs.get(i);
      int[] rowShape = records.get(0).rowShapes[i];
      long[] dims;
      if (info.shape.length == 0 && rowShape.length == 0 && rows == 1) dims = new long[0];
      else {
        dims = new long[rowShape.length + 1];
        dims[0] = rows;
        for (int axis = 0; axis < rowShape.length; axis++) dims[axis + 1] = rowShape[axis];
      }
      feeds.add(new Object[] {info.name, info.type, dims, joined(records, i)});
    }
    return feeds;
  }

  /** Gives each record its rows of every output; null if an output's first dimension is not the batch after all. */
  static List<Outputs> split(List<Object[]> outputs, List<Fitted> records) {
    int rows = 0;
    for (Fitted record : records) rows += record.rows;
    for (Object[] output : outputs) {
      long[] dims = (long[]) output[0];
      if (dims.length == 0 || dims[0] != rows) return null;
    }
    List<Outputs> split = new ArrayList<>(records.size());
    int row = 0;
    for (Fitted record : records) {
      int[][] shapes = new int[outputs.size()][];
      float[][] data = new float[outputs.size()][];
      for (int i = 0; i < shapes.length; i++) {
        long[] dims = (long[]) outputs.get(i)[0];
        float[] all = (float[]) outputs.get(i)[1];
        int rowLength = all.length / rows;
        shapes[i] = shape(dims, record.strip ? 1 : 0);
        if (!record.strip) shapes[i][0] = record.rows;
        data[i] = java.util.Arrays.copyOfRange(all, row * rowLength, (row + record.rows) * rowLength);
      }
      row += record.rows;
      split.add(new Outputs(shapes, data));
    }
    return split;
  }

  /** The outputs of a run that held one record only. */
  static Outputs whole(List<Object[]> outputs, Fitted record) {
    int[][] shapes = new int[outputs.size()][];
    float[][] data = new float[outputs.size()][];
    for (int i = 0; i < shapes.length; i++) {
      long[] dims = (long[]) outputs.get(i)[0];
      shapes[i] = shape(dims, record.strip && dims.length > 0 && dims[0] == 1 ? 1 : 0);
      data[i] = (float[]) outputs.get(i)[1];
    }
    return new Outputs(shapes, data);
  }

  private static int[] shape(long[] dims, int from) {
    int[] shape = new int[dims.length - from];
    for (int i = 0; i < shape.length; i++) shape[i] = (int) dims[i + from];
    return shape;
  }
}

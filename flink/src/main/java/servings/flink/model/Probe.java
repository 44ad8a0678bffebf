package servings.flink.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Finds out whether rows of several records may share one run of a model, which doubles as the warm-up. A dynamic first
 *  dimension is not enough: a detection model answers all rows in one list. So unlike rows are run together and one by
 *  one, and must give the same. */
final class Probe {
  private static final int ROWS = 3;
  private static final double TOLERANCE = 1e-3;

  private Probe() {}

  static boolean supportsBatches(Model model) {
    try {
      List<Fitted> rows = new ArrayList<>();
      List<Outputs> single = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        Fitted sample = sample(model.inputs(), row);
        rows.add(sample);
        single.add(model.runAlone(sample));
      }
      boolean isDynamic = isDynamic(model);
      for (TensorInfo info : model.outputs()) isDynamic &= info.shape.length > 0 && info.shape[0] == null;
      if (!isDynamic) return false;
      List<Outputs> together = model.run(rows);
      if (together == null) return false;
      for (int row = 0; row < ROWS; row++) if (!areEqual(together.get(row), single.get(row))) return false;
      return true;
    } catch (IllegalStateException error) {
      // The sample did not suit the model, such as a token id out of range: that is no fault of the model's.
      return false;
    }
  }

  /** Whether the first dimension of every input is open. */
  static boolean isDynamic(Model model) {
    boolean isDynamic = true;
    for (TensorInfo info : model.inputs()) isDynamic &= info.shape.length > 0 && info.shape[0] == null;
    return isDynamic;
  }

  /** One row of plausible numbers; a dimension that is not known becomes 1. */
  private static Fitted sample(List<TensorInfo> inputs, int row) {
    int[][] rowShapes = new int[inputs.size()][];
    Object[] data = new Object[inputs.size()];
    for (int i = 0; i < data.length; i++) {
      TensorInfo info = inputs.get(i);
      int[] dims = new int[info.shape.length];
      int length = 1;
      for (int axis = 0; axis < dims.length; axis++) {
        dims[axis] = info.shape[axis] == null ? 1 : info.shape[axis];
        length *= dims[axis];
      }
      rowShapes[i] = dims.length == 0 ? dims : Arrays.copyOfRange(dims, 1, dims.length);
      data[i] = Elements.make(info.type, length);
      if (data[i] instanceof String[]) Arrays.fill((String[]) data[i], "");
      else
        for (int at = 0; at < length; at++)
          Elements.put(
              info.type, data[i], at, info.type.startsWith("float") ? Math.sin(at * (row + 1) + row) : (at + row) % 2);
    }
    int rows = inputs.get(0).shape.length == 0 || inputs.get(0).shape[0] == null ? 1 : inputs.get(0).shape[0];
    return new Fitted(rows, false, "", rowShapes, data);
  }

  private static boolean areEqual(Outputs a, Outputs b) {
    if (a.data.length != b.data.length) return false;
    for (int i = 0; i < a.data.length; i++) {
      if (a.data[i].length != b.data[i].length) return false;
      for (int at = 0; at < a.data[i].length; at++) {
        float one = a.data[i][at];
        float other = b.data[i][at];
        if (Float.compare(one, other) != 0 && !(Math.abs(one - other) <= TOLERANCE * (1 + Math.abs(other)))) return false;
      }
    }
    return true;
  }

  static List<Fitted> only(Fitted record) {
    return Collections.singletonList(record);
  }
}

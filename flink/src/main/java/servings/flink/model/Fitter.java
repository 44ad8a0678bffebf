package servings.flink.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import servings.flink.codec.Input;
import servings.flink.codec.RecordException;

/** Matches a record's tensors with the model's inputs, by name; a single input may have any name, as with the original.
 *  Nothing that does not fit in rank, length and type ever reaches the model. */
final class Fitter {
  private final List<TensorInfo> inputs;
  private final boolean batched;
  private final boolean inputAlreadyBatched;

  Fitter(Model model, boolean inputAlreadyBatched) {
    this.inputs = model.inputs();
    this.batched = model.batched();
    this.inputAlreadyBatched = inputAlreadyBatched;
  }

  /** How one shape fits one input. */
  private static final class Fit {
    final int rows;
    final boolean strip;
    final int[] rowShape;

    Fit(int rows, boolean strip, int[] rowShape) {
      this.rows = rows;
      this.strip = strip;
      this.rowShape = rowShape;
    }
  }

  /** @throws RecordException "input-mismatch", naming the input, what came and what is wanted */
  Fitted fit(Map<String, Input> record) {
    int[][] rowShapes = new int[inputs.size()][];
    Object[] data = new Object[inputs.size()];
    StringBuilder key = new StringBuilder();
    int rows = -1;
    boolean strip = true;
    for (int i = 0; i < data.length; i++) {
      TensorInfo info = inputs.get(i);
      Input tensor = pick(record, info);
      Fit fit = fit(tensor.shape, info);
      if (rows != -1 && rows != fit.rows)
        throw mismatch(info, "has " + fit.rows + " rows where another input has " + rows);
      rows = fit.rows;
      strip &= fit.strip;
      for (int size : fit.rowShape) key.append(size).append(',');
      key.append(';');
      rowShapes[i] = fit.rowShape;
      data[i] = convert(tensor.data, info);
    }
    if (record.size() > inputs.size()) throw unknownInput(record);
    return new Fitted(rows, strip, key.toString(), rowShapes, data);
  }

  private Input pick(Map<String, Input> record, TensorInfo info) {
    Input named = record.get(info.name);
    if (named != null) return named;
    if (record.size() == 1 && inputs.size() == 1) return record.values().iterator().next();
    throw new RecordException(
        "input-mismatch",
        "The model's input \"" + info.name + "\" is missing; the record has " + quoted(record.keySet()) + ".");
  }

  private Fit fit(int[] shape, TensorInfo info) {
    Integer[] wanted = info.shape;
    int rank = wanted.length;
    // ONNX tells a model of unknown rank and a scalar input alike; a scalar is what has one element.
    if (rank == 0) return inputAlreadyBatched || shape.length == 0 ? whole(shape) : single(shape);
    if (shape.length == rank && agrees(shape, wanted, 0)) return whole(shape);
    boolean isOpen = batched || wanted[0] == null || wanted[0] == 1;
    if (isOpen && shape.length == rank - 1 && agrees(shape, wanted, 1)) return single(shape);
    // A bare number for an input of one column.
    if (isOpen && shape.length == 0 && areOnes(wanted)) {
      int[] ones = new int[rank - 1];
      Arrays.fill(ones, 1);
      return single(ones);
    }
    StringJoiner sizes = new StringJoiner(",", "[", "]");
    for (Integer size : wanted) sizes.add(size == null ? "?" : size.toString());
    throw mismatch(info, "has the shape " + Input.shapeText(shape) + ", and the model wants " + sizes);
  }

  private static Fit whole(int[] shape) {
    if (shape.length == 0) return new Fit(1, false, shape);
    return new Fit(shape[0], false, Arrays.copyOfRange(shape, 1, shape.length));
  }

  private static Fit single(int[] shape) {
    return new Fit(1, true, shape);
  }

  private static boolean agrees(int[] shape, Integer[] wanted, int from) {
    for (int i = 0; i < shape.length; i++) {
      Integer size = wanted[i + from];
      if (size != null && size != shape[i]) return false;
    }
    return true;
  }

  private static boolean areOnes(Integer[] wanted) {
    for (int i = 1; i < wanted.length; i++) if (wanted[i] != null && wanted[i] != 1) return false;
    return true;
  }

  private static Object convert(Object data, TensorInfo info) {
    boolean areTexts = data instanceof String[] && ((String[]) data).length > 0;
    if (info.type.equals("string")) {
      if (!areTexts) throw mismatch(info, "holds numbers, and the model wants strings");
      return data;
    }
    if (areTexts) throw mismatch(info, "holds strings, and the model wants numbers");
    try {
      return Elements.convert(info.type, data instanceof String[] ? new int[0] : data);
    } catch (ArithmeticException error) {
      throw mismatch(info, "holds " + error.getMessage() + ", which is not of the model's type " + info.type);
    }
  }

  private static RecordException mismatch(TensorInfo info, String what) {
    return new RecordException("input-mismatch", "Input \"" + info.name + "\" " + what + ".");
  }

  private RecordException unknownInput(Map<String, Input> record) {
    return new RecordException(
        "input-mismatch",
        "The record has the inputs " + quoted(record.keySet()) + ", and the model has " + inputs.size() + " of them.");
  }

  private static String quoted(Iterable<String> names) {
    StringJoiner joined = new StringJoiner("\", \"", "\"", "\"");
    names.forEach(joined::add);
    return joined.toString();
  }
}

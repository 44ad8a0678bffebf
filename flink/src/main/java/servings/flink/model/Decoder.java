package servings.flink.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import servings.flink.codec.ArrowRecord;
import servings.flink.codec.Input;
import servings.flink.codec.Instances;
import servings.flink.codec.Picture;
import servings.flink.codec.RecordException;
import servings.flink.codec.Sparse;
import servings.flink.queue.RedisKeys;

/** Turns a record's payload into what the model is fed with. Pictures become BGR, 0..255, [1, 3, height, width], or
 *  [1, height, width, 3] for a model whose last axis is the colour; sparse tensors become dense ones. */
public final class Decoder {
  private final Fitter fitter;
  private final List<TensorInfo> inputs;
  private final int resizeHeight;
  private final int resizeWidth;

  /** @param resizeHeight  0: pictures keep their size */
  public Decoder(Model model, boolean inputAlreadyBatched, int resizeHeight, int resizeWidth) {
    this.fitter = new Fitter(model, inputAlreadyBatched);
    this.inputs = model.inputs();
    this.resizeHeight = resizeHeight;
    this.resizeWidth = resizeWidth;
  }

  /** @param data  the record's field, null if it has none; {@code serde} likewise
   *  @throws RecordException "record-undecodable" or "input-mismatch" */
  public Fitted decode(byte[] data, byte[] serde) {
    if (data == null) throw RecordException.undecodable("", "The record has no field \"data\".");
    if (serde == null || serde.length == 0) return fitter.fit(tensors(ArrowRecord.decode(data)));
    String kind = new String(serde, StandardCharsets.UTF_8);
    if (kind.equals(RedisKeys.TYPED_SERDE))
      throw RecordException.undecodable(
          "", "The record is of the typed form, which workers on Flink do not read; send it in the original's.");
    if (!kind.equals("stream"))
      throw RecordException.undecodable("", "The record's field \"serde\" is \"" + kind + "\"; known is \"stream\".");
    List<Fitted> instances = new ArrayList<>();
    for (Map<String, Input> instance : Instances.parse(data)) instances.add(fitter.fit(tensors(instance)));
    return instances.size() == 1 ? instances.get(0) : join(instances);
  }

  private Map<String, Input> tensors(Map<String, Input> record) {
    boolean areDense = true;
    for (Input input : record.values()) areDense &= input.kind == Input.Kind.DENSE;
    if (areDense) return record;
    Map<String, Input> dense = new LinkedHashMap<>();
    record.forEach((name, input) -> dense.put(name, dense(name, input)));
    return dense;
  }

  private Input dense(String name, Input input) {
    if (input.kind == Input.Kind.DENSE) return input;
    if (input.kind == Input.Kind.SPARSE) return Sparse.densify(name, input);
    TensorInfo info = inputs.get(0);
    for (TensorInfo candidate : inputs) if (candidate.name.equals(name)) info = candidate;
    // One string looks like a picture; for a model of strings it is what it says.
    if (info.type.equals("string")) return Input.dense(new int[] {1}, new String[] {input.base64});
    boolean isColourLast = isColourLast(info.shape);
    Picture picture = Picture.decode(input.base64, resizeHeight, resizeWidth, isColourLast);
    int[] shape =
        isColourLast
            ? new int[] {1, picture.height, picture.width, 3}
            : new int[] {1, 3, picture.height, picture.width};
    return Input.dense(shape, picture.data);
  }

  private static boolean isColourLast(Integer[] shape) {
    int rank = shape.length;
    return rank > 0 && isThree(shape[rank - 1]) && !(rank > 2 && isThree(shape[rank - 3]));
  }

  private static boolean isThree(Integer size) {
    return size != null && size == 3;
  }

  /** Several instances in one record make one result with a row for each. */
  private static Fitted join(List<Fitted> instances) {
    Fitted first = instances.get(0);
    int rows = 0;
    for (Fitted instance : instances) {
      if (!instance.key.equals(first.key))
        throw new RecordException(
            "input-mismatch",
            "The instances of one record must have equal shapes; send the others as records of their own.");
      rows += instance.rows;
    }
    Object[] data = new Object[first.data.length];
    for (int i = 0; i < data.length; i++) data[i] = Batches.joined(instances, i);
    return new Fitted(rows, false, first.key, first.rowShapes, data);
  }
}

package servings.flink.model;

/** A model's input or output; a dimension that is not fixed is null. */
public final class TensorInfo {
  public final String name;
  /** As ONNX Runtime's JavaScript names it, such as float32. */
  public final String type;

  public final Integer[] shape;

  TensorInfo(String name, String type, Integer[] shape) {
    this.name = name;
    this.type = type;
    this.shape = shape;
  }
}

package servings.flink.codec;

import java.util.Arrays;

/** What a record holds for one input: a dense tensor, a sparse one, or a picture that is still a file. */
public final class Input {
  /** No model has more axes; the limit also stops lists that nest without end. */
  public static final int MAX_AXES = 32;

  public enum Kind {
    DENSE,
    SPARSE,
    IMAGE
  }

  public final Kind kind;
  /** Axis sizes, outermost first; empty is a single value without axes. */
  public final int[] shape;
  /** {@code float[]}, {@code double[]}, {@code int[]} or {@code String[]}, row-major; for a picture null. */
  public final Object data;
  /** Of a sparse tensor, flattened row-major over {@link #indiceShape}. */
  public final int[] indices;

  public final int[] indiceShape;
  /** Of a picture: the base64 of a JPEG or PNG file. */
  public final String base64;

  private Input(Kind kind, int[] shape, Object data, int[] indices, int[] indiceShape, String base64) {
    this.kind = kind;
    this.shape = shape;
    this.data = data;
    this.indices = indices;
    this.indiceShape = indiceShape;
    this.base64 = base64;
  }

  public static Input dense(int[] shape, Object data) {
    return new Input(Kind.DENSE, shape, data, null, null, null);
  }

  public static Input sparse(int[] shape, Object data, int[] indices, int[] indiceShape) {
    return new Input(Kind.SPARSE, shape, data, indices, indiceShape, null);
  }

  public static Input image(String base64) {
    return new Input(Kind.IMAGE, null, null, null, null, base64);
  }

  /** What a text means. The Python client joins a list of strings with {@code |}, which no base64 holds; a text without
   *  it is a picture. */
  public static Input text(String text) {
    if (text.indexOf('|') < 0) return image(text);
    String[] parts = text.split("\\|", -1);
    return dense(new int[] {parts.length}, parts);
  }

  public static int length(Object data) {
    return java.lang.reflect.Array.getLength(data);
  }

  /** The product of the axis sizes, 1 for none; -1 when an axis is negative or the product is huge. */
  public static long elementCount(int[] shape) {
    long count = 1;
    for (int axis : shape) {
      if (axis < 0) return -1;
      count *= axis;
      if (count > 1L << 53) return -1;
    }
    return count;
  }

  public static String shapeText(int[] shape) {
    return shape.length > MAX_AXES ? "[" + shape.length + " axes]" : Arrays.toString(shape);
  }
}

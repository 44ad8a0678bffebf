package servings.flink.codec;

/** Writes out sparse tensors, for models take dense ones. */
public final class Sparse {
  /** A picture of 64 megapixels has as many; what is larger than that is a mistake or an attack. */
  private static final long MAX_ELEMENTS = 256L * 1024 * 1024;

  private Sparse() {}

  /** @throws RecordException "record-undecodable", naming the input */
  public static Input densify(String name, Input sparse) {
    int rank = sparse.shape.length;
    int count = Input.length(sparse.data);
    long length = Input.elementCount(sparse.shape);
    if (length < 0 || length > MAX_ELEMENTS)
      throw RecordException.undecodable(
          name, "the shape " + Input.shapeText(sparse.shape) + " is too large to write out");
    int[] indices = sparse.indices;
    if (indices.length != (long) count * rank)
      throw RecordException.undecodable(
          name, count + " values of rank " + rank + " need " + count * rank + " indices, not " + indices.length);
    // [values, rank] is what clients send; the other way round is understood where the shape tells them apart.
    boolean isTransposed =
        sparse.indiceShape.length > 1 && sparse.indiceShape[0] == rank && sparse.indiceShape[1] == count && rank != count;
    float[] dense = new float[(int) length];
    for (int value = 0; value < count; value++) {
      int at = 0;
      for (int axis = 0; axis < rank; axis++) {
        int index = indices[isTransposed ? axis * count + value : value * rank + axis];
        int size = sparse.shape[axis];
        if (index < 0 || index >= size)
          throw RecordException.undecodable(
              name, "the index " + index + " is outside the axis " + axis + " of size " + size);
        at = at * size + index;
      }
      dense[at] = number(sparse.data, value);
    }
    return Input.dense(sparse.shape, dense);
  }

  private static float number(Object data, int i) {
    if (data instanceof float[]) return ((float[]) data)[i];
    if (data instanceof int[]) return ((int[]) data)[i];
    try {
      return Float.parseFloat(((String[]) data)[i]);
    } catch (NumberFormatException error) {
      return Float.NaN;
    }
  }
}

package servings.flink.codec;

import java.lang.reflect.Array;

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
    if (sparse.data instanceof String[]) throw RecordException.undecodable(name, "a sparse tensor holds numbers, no strings");
    Object dense = Array.newInstance(sparse.data.getClass().getComponentType(), (int) length);
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
      System.arraycopy(sparse.data, value, dense, at, 1);
    }
    return Input.dense(sparse.shape, dense);
  }
}

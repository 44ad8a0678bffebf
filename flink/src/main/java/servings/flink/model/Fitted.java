package servings.flink.model;

/** A record as the model wants it. */
public final class Fitted {
  /** Rows of the batch that the record fills. */
  public final int rows;
  /** The client sent no batch dimension, so it gets none back. */
  final boolean strip;
  /** Records of equal key may share a run. */
  public final String key;
  /** Of each model input, in the model's order: the shape without the batch dimension. */
  final int[][] rowShapes;
  /** Arrays of the model's element types. */
  final Object[] data;

  Fitted(int rows, boolean strip, String key, int[][] rowShapes, Object[] data) {
    this.rows = rows;
    this.strip = strip;
    this.key = key;
    this.rowShapes = rowShapes;
    this.data = data;
  }
}

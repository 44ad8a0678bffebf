package servings.flink.model;

/** The model's outputs for one record, in the model's order. */
public final class Outputs {
  public final int[][] shapes;
  public final float[][] data;

  Outputs(int[][] shapes, float[][] data) {
    this.shapes = shapes;
    this.data = data;
  }
}

package servings.flink;

public final class ServingJob {
  private ServingJob() {}

  public static void main(String[] args) {
    throw new IllegalStateException("Not written yet.");
  }
}

package servings.flink.worker;

import java.util.Arrays;

/** The last values of one measure, in ms. */
final class Samples {
  private final double[] ring = new double[1024];
  private long count;

  synchronized void add(double ms) {
    ring[(int) (count++ % ring.length)] = ms;
  }

  /** @param shares  between 0 and 1. @return the value below which that share lies, for each */
  synchronized double[] percentiles(double... shares) {
    double[] sorted = Arrays.copyOf(ring, (int) Math.min(count, ring.length));
    Arrays.sort(sorted);
    double[] found = new double[shares.length];
    for (int i = 0; i < found.length && sorted.length > 0; i++) {
      double value = sorted[Math.min(sorted.length - 1, (int) (shares[i] * sorted.length))];
      found[i] = Math.round(value * 1000) / 1000.0;
    }
    return found;
  }
}

package servings.flink.codec;

/** Resizes as OpenCV's {@code resize(INTER_LINEAR)} does for bytes, bit for bit: coefficients have 11 bits, and the
 *  vertical step drops 4 and 16 bits of the products before it rounds away the last 2. */
final class Resize {
  private static final int SCALE_BITS = 11;

  private Resize() {}

  static Pixels to(Pixels from, int height, int width) {
    if (height == from.height && width == from.width) return from;
    if (from.height == 2 * height && from.width == 2 * width) return halve(from);
    int[] columnStarts = new int[width];
    int[] columnWeights = new int[2 * width];
    coefficients(width, from.width, columnStarts, columnWeights);
    int[] rowStarts = new int[height];
    int[] rowWeights = new int[2 * height];
    coefficients(height, from.height, rowStarts, rowWeights);
    byte[] bgr = new byte[3 * height * width];
    int[][] lines = {new int[3 * width], new int[3 * width]};
    int[] rows = {-1, -1};
    for (int y = 0; y < height; y++) {
      int upper = clamp(rowStarts[y], from.height);
      int lower = clamp(rowStarts[y] + 1, from.height);
      if (rows[1] == upper) {
        // The lower row of one line is often the upper row of the next.
        int[] line = lines[0];
        lines[0] = lines[1];
        lines[1] = line;
        rows[1] = rows[0];
        rows[0] = upper;
      }
      if (rows[0] != upper) stretch(from, upper, columnStarts, columnWeights, lines[0]);
      if (rows[1] != lower) stretch(from, lower, columnStarts, columnWeights, lines[1]);
      rows[0] = upper;
      rows[1] = lower;
      int target = 3 * width * y;
      for (int i = 0; i < 3 * width; i++) {
        int top = (rowWeights[2 * y] * (lines[0][i] >> 4)) >> 16;
        int bottom = (rowWeights[2 * y + 1] * (lines[1][i] >> 4)) >> 16;
        bgr[target + i] = (byte) ((top + bottom + 2) >> 2);
      }
    }
    return new Pixels(height, width, bgr);
  }

  /** The source pixel left of each target pixel, -1 at the border, and two weights for each, together 2048. */
  private static void coefficients(int target, int source, int[] starts, int[] weights) {
    double scale = 1 / ((double) target / source);
    for (int i = 0; i < target; i++) {
      float centre = (float) ((i + 0.5) * scale - 0.5);
      int start = (int) Math.floor(centre);
      float fraction = centre - start;
      starts[i] = start;
      weights[2 * i] = (int) Math.rint((double) (1 - fraction) * (1 << SCALE_BITS));
      weights[2 * i + 1] = (int) Math.rint((double) fraction * (1 << SCALE_BITS));
    }
  }

  private static int clamp(int row, int rows) {
    return Math.min(Math.max(row, 0), rows - 1);
  }

  private static void stretch(Pixels from, int row, int[] starts, int[] weights, int[] line) {
    int base = 3 * from.width * row;
    for (int x = 0; x < starts.length; x++) {
      int start = starts[x];
      // Beyond the border OpenCV gives the whole weight to the border pixel.
      boolean isInside = start >= 0 && start < from.width - 1;
      int left = base + 3 * clamp(start, from.width);
      int right = isInside ? left + 3 : left;
      int a = isInside ? weights[2 * x] : 1 << SCALE_BITS;
      int b = isInside ? weights[2 * x + 1] : 0;
      for (int c = 0; c < 3; c++)
        line[3 * x + c] = (from.bgr[left + c] & 0xff) * a + (from.bgr[right + c] & 0xff) * b;
    }
  }

  private static Pixels halve(Pixels from) {
    int height = from.height / 2;
    int width = from.width / 2;
    byte[] target = new byte[3 * height * width];
    int i = 0;
    for (int y = 0; y < from.height; y += 2)
      for (int x = 0; x < from.width; x += 2)
        for (int c = 0; c < 3; c++) {
          int above = 3 * (from.width * y + x) + c;
          int below = above + 3 * from.width;
          int sum =
              (from.bgr[above] & 0xff)
                  + (from.bgr[above + 3] & 0xff)
                  + (from.bgr[below] & 0xff)
                  + (from.bgr[below + 3] & 0xff);
          target[i++] = (byte) ((sum + 2) >> 2);
        }
    return new Pixels(height, width, target);
  }
}

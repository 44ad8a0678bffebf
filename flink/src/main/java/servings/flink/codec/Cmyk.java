package servings.flink.codec;

import java.awt.image.Raster;

/** JPEG files of four colours, which Java leaves as they are in the file. */
final class Cmyk {
  private static final int YCCK = 2;

  private Cmyk() {}

  /** OpenCV's formula for the inverted CMYK that is found in files.
   *  @param transform  of the Adobe marker: 2 says that the first three are luminance and chroma */
  static Pixels toBgr(Raster raster, int transform) {
    int height = raster.getHeight();
    int width = raster.getWidth();
    byte[] bgr = new byte[3 * height * width];
    int[] line = new int[4 * width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, line);
      for (int from = 0; from < line.length; from += 4, to += 3) {
        if (transform == YCCK) toCmyk(line, from);
        int black = line[from + 3];
        for (int c = 0; c < 3; c++) bgr[to + 2 - c] = (byte) (black - (((255 - line[from + c]) * black) >> 8));
      }
    }
    return new Pixels(height, width, bgr);
  }

  private static void toCmyk(int[] line, int at) {
    double y = line[at];
    double cb = line[at + 1] - 128;
    double cr = line[at + 2] - 128;
    line[at] = 255 - clamp(y + 1.402 * cr);
    line[at + 1] = 255 - clamp(y - 0.344136286 * cb - 0.714136286 * cr);
    line[at + 2] = 255 - clamp(y + 1.772 * cb);
  }

  private static int clamp(double value) {
    return (int) Math.min(255, Math.max(0, Math.rint(value)));
  }
}

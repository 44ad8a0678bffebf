package servings.flink.codec;

/** A decoded picture: rows first, three bytes a pixel, blue, green, red, without gaps. */
final class Pixels {
  /** No model looks at more, and a bomb of a few kilobytes claims more. */
  static final long MAX = 64L * 1024 * 1024;

  final int height;
  final int width;
  final byte[] bgr;

  Pixels(int height, int width, byte[] bgr) {
    this.height = height;
    this.width = width;
    this.bgr = bgr;
  }

  /** Turns and mirrors, as the orientation of a JPEG file asks, 1 to 8. */
  Pixels upright(int orientation) {
    if (orientation == 1) return this;
    boolean isTurned = orientation >= 5;
    int newHeight = isTurned ? width : height;
    int newWidth = isTurned ? height : width;
    boolean mirrorsX = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    boolean mirrorsY = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    byte[] turned = new byte[bgr.length];
    int i = 0;
    for (int y = 0; y < newHeight; y++) {
      int fromY = mirrorsY ? newHeight - 1 - y : y;
      for (int x = 0; x < newWidth; x++) {
        int fromX = mirrorsX ? newWidth - 1 - x : x;
        int from = 3 * (isTurned ? fromX * width + fromY : fromY * width + fromX);
        for (int c = 0; c < 3; c++) turned[i++] = bgr[from + c];
      }
    }
    return new Pixels(newHeight, newWidth, turned);
  }
}

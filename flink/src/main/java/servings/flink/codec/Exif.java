package servings.flink.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the markers of a JPEG file tell besides its pixels. */
final class Exif {
  private static final int ORIENTATION = 0x0112;

  private Exif() {}

  /** 1 to 8; 1 is upright, also when there is none or it is broken: that does not make the picture unreadable. */
  static int orientation(byte[] file) {
    try {
      return read(ByteBuffer.wrap(file));
    } catch (IndexOutOfBoundsException | IllegalArgumentException error) {
      return 1;
    }
  }

  private static int read(ByteBuffer bytes) {
    int at = segment(bytes, 0xe1, 0x45786966);
    return at < 0 ? 1 : tiff(bytes, at + 10, at + 2 + (bytes.getShort(at + 2) & 0xffff));
  }

  /** How the colours are written: 0 as they are, 1 YCbCr, 2 YCCK; 0 without the marker of Adobe. */
  static int adobeTransform(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    try {
      int at = segment(bytes, 0xee, 0x41646f62);
      return at < 0 ? 0 : bytes.get(at + 15);
    } catch (IndexOutOfBoundsException error) {
      return 0;
    }
  }

  /** Where the first segment of this marker is whose content begins with these four letters; -1 if there is none. */
  private static int segment(ByteBuffer bytes, int wanted, int letters) {
    int at = 2;
    while (bytes.get(at) == (byte) 0xff) {
      int marker = bytes.get(at + 1) & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      if (marker == 0xda || marker == 0xd9) return -1;
      if (marker == wanted && bytes.getInt(at + 4) == letters) return at;
      at += 2 + (bytes.getShort(at + 2) & 0xffff);
    }
    return -1;
  }

  private static int tiff(ByteBuffer bytes, int start, int end) {
    ByteBuffer tiff = bytes.duplicate();
    tiff.limit(end).position(start);
    tiff = tiff.slice();
    tiff.order(tiff.get(0) == 'I' && tiff.get(1) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    int count = tiff.getShort(directory) & 0xffff;
    for (int i = 0; i < count; i++) {
      int entry = directory + 2 + 12 * i;
      if ((tiff.getShort(entry) & 0xffff) != ORIENTATION) continue;
      int orientation = tiff.getShort(entry + 8);
      return orientation >= 1 && orientation <= 8 ? orientation : 1;
    }
    return 1;
  }
}

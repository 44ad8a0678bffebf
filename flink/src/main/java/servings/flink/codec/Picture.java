package servings.flink.codec;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes a JPEG or PNG file as OpenCV's {@code imdecode(IMREAD_COLOR)} does, and resizes it as its INTER_LINEAR does.
 *  Java's own decoders: its JPEG decoder is libjpeg, whose arithmetic OpenCV's has too. */
public final class Picture {
  public final int height;
  public final int width;
  /** Blue, green, red, each 0 to 255, [3, height, width], or [height, width, 3] with the colour last. */
  public final float[] data;

  private Picture(int height, int width, float[] data) {
    this.height = height;
    this.width = width;
    this.data = data;
  }

  /** @param resizeHeight  0: the picture keeps its size
   *  @throws RecordException "record-undecodable" for other formats, damaged or cut files, and too many pixels */
  public static Picture decode(String base64, int resizeHeight, int resizeWidth, boolean isColourLast) {
    byte[] file = Base64Text.decode(base64.getBytes(StandardCharsets.ISO_8859_1), "the image");
    Pixels pixels = pixels(file);
    if (resizeHeight > 0) pixels = Resize.to(pixels, resizeHeight, resizeWidth);
    int area = pixels.height * pixels.width;
    float[] data = new float[3 * area];
    for (int i = 0; i < data.length; i++) {
      float value = pixels.bgr[i] & 0xff;
      if (isColourLast) data[i] = value;
      else data[i % 3 * area + i / 3] = value;
    }
    return new Picture(pixels.height, pixels.width, data);
  }

  private static Pixels pixels(byte[] file) {
    boolean isJpeg = startsWith(file, 0xff, 0xd8, 0xff);
    if (!isJpeg && !startsWith(file, 137, 80, 78, 71, 13, 10, 26, 10))
      throw RecordException.undecodable("the image", "is neither a JPEG nor a PNG file");
    String format = isJpeg ? "jpeg" : "png";
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    ImageReader reader = readers.next();
    boolean[] isDamaged = {false};
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      long area = (long) reader.getWidth(0) * reader.getHeight(0);
      if (area > Pixels.MAX)
        throw RecordException.undecodable("the image", "the picture is larger than 64 megapixels");
      // What libjpeg only warns of, such as a file that is cut, is refused: grey in place of a picture is no input.
      reader.addIIOReadWarningListener((source, warning) -> isDamaged[0] = true);
      BufferedImage image = reader.read(0);
      boolean isCmyk = isJpeg && image.getRaster().getNumBands() == 4;
      Pixels pixels = isCmyk ? Cmyk.toBgr(reader.readRaster(0, null), Exif.adobeTransform(file)) : of(image);
      if (isDamaged[0]) throw damaged(format);
      return isJpeg ? pixels.upright(Exif.orientation(file)) : pixels;
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException error) {
      throw damaged(format);
    } finally {
      reader.dispose();
    }
  }

  private static RecordException damaged(String format) {
    return RecordException.undecodable("the image", "the " + format + " data is damaged or cut");
  }

  private static boolean startsWith(byte[] file, int... magic) {
    if (file.length < magic.length) return false;
    for (int i = 0; i < magic.length; i++) if ((file[i] & 0xff) != magic[i]) return false;
    return true;
  }

  /** The samples as they are in the file: no gamma, no blending with transparency, of 16 bits the upper eight. */
  private static Pixels of(BufferedImage image) {
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] bgr = new byte[3 * height * width];
    int bands = raster.getNumBands();
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    int[] line = new int[bands * width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, line);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          int value;
          if (colours instanceof IndexColorModel) value = colours.getRGB(line[x]) >> 8 * c;
          else value = line[x * bands + (bands < 3 ? 0 : 2 - c)] >> shift;
          bgr[to++] = (byte) value;
        }
      }
    }
    return new Pixels(height, width, bgr);
  }
}

package servings.flink.model;

import java.lang.reflect.Array;
import servings.flink.codec.Half;

/** How a record's numbers become arrays of each ONNX element type. A float is the nearest one that the type has; a value
 *  beyond the type, and what is no integer where one is wanted, is refused. */
final class Elements {
  private static final double MAX_SAFE = 0x1p53 - 1;
  /** From here on a number is rounded to infinity. */
  private static final double BEYOND_FLOAT32 = 0x1.ffffffp127;
  private static final double BEYOND_FLOAT16 = 65_520;

  private Elements() {}

  /** Zeros. */
  static Object make(String type, int length) {
    switch (type) {
      case "float32":
        return new float[length];
      case "float64":
        return new double[length];
      case "int64":
        return new long[length];
      case "int32":
        return new int[length];
      case "int16":
      case "float16":
        return new short[length];
      case "int8":
      case "uint8":
      case "bool":
        return new byte[length];
      case "string":
        return new String[length];
      default:
        throw new IllegalStateException("inputs of type " + type + " cannot be fed from a record");
    }
  }

  /** @param data  {@code float[]}, {@code double[]} or {@code int[]}
   *  @throws ArithmeticException naming the value that does not fit */
  static Object convert(String type, Object data) {
    if (type.equals("float32") && data instanceof float[]) return data;
    int length = Array.getLength(data);
    Object converted = make(type, length);
    boolean isUnsure = data instanceof double[] && !type.startsWith("float");
    for (int i = 0; i < length; i++) {
      double value = Array.getDouble(data, i);
      // A number of JSON beyond this may have lost digits when it was read.
      if (isUnsure && Math.abs(value) > MAX_SAFE) throw unfit(value);
      put(type, converted, i, value);
    }
    return converted;
  }

  static void put(String type, Object into, int i, double value) {
    switch (type) {
      case "float32":
        ((float[]) into)[i] = (float) within(value, BEYOND_FLOAT32);
        break;
      case "float64":
        ((double[]) into)[i] = value;
        break;
      case "float16":
        ((short[]) into)[i] = Half.fromNumber(within(value, BEYOND_FLOAT16));
        break;
      case "int64":
        ((long[]) into)[i] = (long) whole(value, -0x1p63, 0x1p63);
        break;
      case "int32":
        ((int[]) into)[i] = (int) whole(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
        break;
      case "int16":
        ((short[]) into)[i] = (short) whole(value, Short.MIN_VALUE, Short.MAX_VALUE);
        break;
      case "int8":
        ((byte[]) into)[i] = (byte) whole(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
        break;
      case "uint8":
        ((byte[]) into)[i] = (byte) (int) whole(value, 0, 255);
        break;
      default:
        ((byte[]) into)[i] = (byte) (int) whole(value, 0, 1);
    }
  }

  private static double whole(double value, double min, double max) {
    if (value == Math.rint(value) && value >= min && value <= max) return value;
    throw unfit(value);
  }

  /** Infinity itself may be sent. */
  private static double within(double value, double beyond) {
    if (Math.abs(value) < beyond || Double.isInfinite(value) || Double.isNaN(value)) return value;
    throw unfit(value);
  }

  private static ArithmeticException unfit(double value) {
    return new ArithmeticException(value == (int) value ? String.valueOf((int) value) : String.valueOf(value));
  }
}

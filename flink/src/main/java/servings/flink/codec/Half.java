package servings.flink.codec;

/** IEEE 754 binary16, given as its 16 bits. */
public final class Half {
  private Half() {}

  public static float toFloat(int bits) {
    int sign = (bits & 0x8000) == 0 ? 1 : -1;
    int exponent = (bits >> 10) & 31;
    int fraction = bits & 1023;
    if (exponent == 0) return (float) (sign * fraction * 0x1p-24);
    if (exponent == 31) return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
    return (float) (sign * (1 + fraction / 1024.0) * Math.pow(2, exponent - 15));
  }

  /** The half nearest to a number, ties to even. */
  public static short fromNumber(double value) {
    if (Double.isNaN(value)) return 0x7e00;
    int sign = value < 0 || (value == 0 && 1 / value < 0) ? 0x8000 : 0;
    double magnitude = Math.abs(value);
    if (magnitude >= 65520) return (short) (sign | 0x7c00);
    if (magnitude < 0x1p-14) return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    int exponent = Math.getExponent(magnitude);
    // A mantissa that rounds up to 1024 carries into the exponent by itself.
    return (short) (sign | (((exponent + 15) << 10) + (int) Math.rint((magnitude / Math.pow(2, exponent) - 1) * 1024)));
  }
}

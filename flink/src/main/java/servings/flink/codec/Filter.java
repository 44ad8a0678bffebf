package servings.flink.codec;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What postProcessing keeps of a result, as JSON text instead of Arrow; the same text as the embedded engine's. */
public final class Filter {
  private final boolean isTopN;
  private final int n;

  /** @param kind  "topN", the n largest elements with their indices, or "pickTopN", the first n rows */
  public Filter(String kind, int n) {
    this.isTopN = kind.equals("topN");
    this.n = n;
  }

  /** @throws RecordException "not-supported" when the output of pickTopN has another shape */
  public String apply(int[] shape, float[] data) {
    return isTopN ? topN(data) : pickTopN(shape, data);
  }

  /** Largest first, equal ones by their index, NaN behind every number. */
  private String topN(float[] data) {
    Integer[] order = new Integer[data.length];
    for (int i = 0; i < order.length; i++) order[i] = i;
    Arrays.sort(order, (a, b) -> compareDown(data[a], data[b]));
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < Math.min(n, order.length); i++)
      pairs.add("[" + order[i] + "," + floatText(data[order[i]]) + "]");
    return "[" + String.join(",", pairs) + "]";
  }

  private static int compareDown(float a, float b) {
    if (Float.isNaN(a) || Float.isNaN(b)) return Boolean.compare(Float.isNaN(a), Float.isNaN(b));
    return a == b ? 0 : a < b ? 1 : -1;
  }

  private String pickTopN(int[] shape, float[] data) {
    int[] matrix = shape.length == 3 && shape[0] == 1 ? new int[] {shape[1], shape[2]} : shape;
    if (matrix.length != 2)
      throw new RecordException(
          "not-supported",
          "pickTopN needs an output of rows and columns, but the model's has the shape " + Input.shapeText(shape) + ".");
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < Math.min(n, matrix[0]); row++) {
      List<String> values = new ArrayList<>();
      for (int column = 0; column < matrix[1]; column++) values.add(floatText(data[row * matrix[1] + column]));
      rows.add("[" + String.join(",", values) + "]");
    }
    return "[" + String.join(",", rows) + "]";
  }

  /** The shortest decimal that reads back as the same float32, with at least one decimal, as JavaScript writes it. */
  static String floatText(float value) {
    if (Float.isNaN(value) || Float.isInfinite(value)) return "null";
    if (value == 0) return 1 / value < 0 ? "-0.0" : "0.0";
    String text = shortest(value);
    boolean isWhole = value == Math.rint(value);
    return isWhole && text.indexOf('.') < 0 && text.indexOf('e') < 0 ? text + ".0" : text;
  }

  private static String shortest(float value) {
    BigDecimal exact = new BigDecimal((double) value);
    for (int precision = 1; precision < 9; precision++) {
      BigDecimal candidate = exact.round(new MathContext(precision, RoundingMode.HALF_UP));
      if ((float) candidate.doubleValue() == value) return asJavaScript(candidate);
    }
    return asJavaScript(exact.round(new MathContext(9, RoundingMode.HALF_UP)));
  }

  /** Plain digits between 1e-7 and 1e21, else with an exponent. */
  private static String asJavaScript(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    String digits = stripped.unscaledValue().abs().toString();
    int exponent = digits.length() - stripped.scale() - 1;
    if (exponent >= -7 && exponent < 21) return stripped.toPlainString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return (number.signum() < 0 ? "-" : "") + mantissa + "e" + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
  }
}

package servings.flink.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import servings.flink.codec.RecordException;

/** What reaches the model, which results in float32 do not show to the last digit. */
class DecoderTest {
  @Test
  void integersReachTheModelToTheLastDigit() {
    assertArrayEquals(new long[] {16777217, -4294967297L, 9007199254740991L}, (long[]) data("int64", "[16777217,-4294967297,9007199254740991]"));
    assertArrayEquals(new int[] {16777217, 0, 2147483647}, (int[]) data("int32", "[16777217,0,2147483647]"));
    String sparse = "{\"shape\":[3],\"data\":[16777217],\"indices\":[[1]]}";
    assertArrayEquals(new int[] {0, 16777217, 0}, (int[]) data("int32", sparse));
    assertArrayEquals(new double[] {0, 16777217, 0}, (double[]) data("float64", sparse));
  }

  @Test
  void fractionsReachTheModelInItsOwnType() {
    assertArrayEquals(new double[] {0.1, 1e300, 16777217}, (double[]) data("float64", "[0.1,1e300,16777217]"));
  }

  @Test
  void integersThatMayHaveLostDigitsAreRefused() {
    assertEquals("input-mismatch", refusal("int64", "[9007199254740993,1,2]").code());
    assertEquals("input-mismatch", refusal("int64", "[0,-1e17,2]").code());
  }

  @Test
  void numbersBeyondTheModelsTypeAreRefused() {
    assertEquals("input-mismatch", refusal("float16", "[65520,1,2]").code());
    assertEquals("input-mismatch", refusal("int32", "[2147483648,1,2]").code());
    assertEquals("record-undecodable", refusal("float64", "[1e400,1,2]").code());
  }

  @Test
  void aRecordOfTheTypedFormIsRefusedWithWhatToDo() {
    try (Model model = open("int64")) {
      byte[] data = {1, 0, (byte) 0xff, 7};
      byte[] serde = "typed".getBytes(StandardCharsets.UTF_8);
      Decoder decoder = new Decoder(model, false, 0, 0);
      RecordException refused = assertThrows(RecordException.class, () -> decoder.decode(data, serde));
      assertTrue(refused.reason().startsWith("record-undecodable: The record is of the typed form"));
      // Without the field it is taken for Arrow in base64, which it is not.
      assertEquals("record-undecodable", assertThrows(RecordException.class, () -> decoder.decode(data, null)).code());
    }
  }

  private static RecordException refusal(String type, String json) {
    return assertThrows(RecordException.class, () -> data(type, json));
  }

  private static Object data(String type, String json) {
    try (Model model = open(type)) {
      String text = "{\"instances\":[{\"x\":" + json + "}]}";
      byte[] serde = "stream".getBytes(StandardCharsets.UTF_8);
      return new Decoder(model, false, 0, 0).decode(text.getBytes(StandardCharsets.UTF_8), serde).data[0];
    }
  }

  private static Model open(String type) {
    Path folder = Path.of("..", "test", "fixtures", "models", "echo_" + type);
    String[] files = folder.toFile().list((parent, file) -> file.endsWith(".onnx"));
    return Model.open(folder.resolve(files[0]).toString(), 1, "auto");
  }
}

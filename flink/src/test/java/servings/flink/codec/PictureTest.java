package servings.flink.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The expected pixels were made with OpenCV itself. */
class PictureTest {
  private static final Path IMAGES = Path.of("..", "test", "fixtures", "images");

  @Test
  void picturesAreWithinOneLevelOfOpenCv() throws IOException {
    JsonNode index = new ObjectMapper().readTree(IMAGES.resolve("index.json").toFile());
    assertTrue(index.size() > 20);
    List<String> wrong = new ArrayList<>();
    for (JsonNode golden : index) {
      String difference = difference(golden);
      if (difference != null) wrong.add(golden + ": " + difference);
    }
    assertEquals(List.of(), wrong);
  }

  /** Why a picture is not as OpenCV has it; null if it is. */
  private static String difference(JsonNode golden) throws IOException {
    byte[] expected;
    try (GZIPInputStream in = new GZIPInputStream(new FileInputStream(file(golden.get("golden"))))) {
      expected = in.readAllBytes();
    }
    int height = golden.get("height").intValue();
    int width = golden.get("width").intValue();
    boolean isResized = golden.path("resize").asBoolean();
    String base64 = Base64.getEncoder().encodeToString(Files.readAllBytes(file(golden.get("file")).toPath()));
    Picture picture;
    try {
      picture = Picture.decode(base64, isResized ? height : 0, isResized ? width : 0, true);
    } catch (RecordException error) {
      return error.reason();
    }
    if (picture.height != height || picture.width != width) return picture.height + " x " + picture.width;
    int far = 0;
    float most = 0;
    for (int i = 0; i < expected.length; i++) {
      float distance = Math.abs(picture.data[i] - (expected[i] & 0xff));
      most = Math.max(most, distance);
      if (distance > 1) far++;
    }
    return far > expected.length / 1000 ? far + " of " + expected.length + " values differ, by up to " + most : null;
  }

  private static java.io.File file(JsonNode name) {
    return IMAGES.resolve(name.textValue()).toFile();
  }
}

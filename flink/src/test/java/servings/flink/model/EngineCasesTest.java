package servings.flink.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import servings.flink.codec.Filter;
import servings.flink.codec.RecordException;
import servings.flink.codec.Results;

/** The cases are what the embedded engine answers: its own suite writes them. */
class EngineCasesTest {
  private static final Path FIXTURES = Path.of("..", "test", "fixtures");

  @Test
  void everyCaseIsAnsweredAsByTheEmbeddedEngine() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(FIXTURES.resolve("engine/cases.json").toFile());
    assertTrue(cases.size() > 90);
    Map<String, Model> models = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    for (JsonNode one : cases) {
      Model model = models.computeIfAbsent(one.get("model").textValue(), EngineCasesTest::open);
      String expected = one.get("answer").toString();
      String got = answer(one, model);
      if (!got.equals(expected)) wrong.add(one.get("name").textValue() + ": " + got + " for " + expected);
    }
    for (Model model : models.values()) model.close();
    assertEquals(List.of(), wrong);
  }

  private static Model open(String name) {
    File[] files = FIXTURES.resolve("models").resolve(name).toFile().listFiles((folder, file) -> file.endsWith(".onnx"));
    return Model.open(files[0].getPath(), 1, "auto");
  }

  private static String answer(JsonNode one, Model model) {
    JsonNode size = one.get("imageResize");
    JsonNode filter = one.get("postProcessing");
    Decoder decoder =
        new Decoder(
            model,
            one.path("inputAlreadyBatched").asBoolean(),
            size == null ? 0 : size.get("height").intValue(),
            size == null ? 0 : size.get("width").intValue());
    try {
      Fitted fitted = decoder.decode(bytes(one.get("data")), bytes(one.get("serde")));
      List<Outputs> together = model.batched() ? model.run(List.of(fitted)) : null;
      Outputs outputs = together == null ? model.runAlone(fitted) : together.get(0);
      String value =
          filter == null
              ? new String(new Results().encode(outputs.shapes, outputs.data), StandardCharsets.US_ASCII)
              : new Filter(filter.get("kind").textValue(), filter.get("n").intValue())
                  .apply(outputs.shapes[0], outputs.data[0]);
      return new ObjectMapper().createObjectNode().put("value", value).toString();
    } catch (RecordException error) {
      return new ObjectMapper().createObjectNode().put("value", "NaN").put("reason", error.code()).toString();
    }
  }

  private static byte[] bytes(JsonNode text) {
    return text == null ? null : text.textValue().getBytes(StandardCharsets.UTF_8);
  }
}

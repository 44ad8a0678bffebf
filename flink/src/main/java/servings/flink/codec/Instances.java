package servings.flink.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code {"instances": [{"name": value, ...}, ...]}}, the data of records whose serde is {@code stream}.
 *  Numbers become int32 when all of a tensor are integers that fit, else float64; a single value has the shape [1]. */
public final class Instances {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Instances() {}

  /** @throws RecordException "record-undecodable", naming the place, such as instances[0].t[1][2] */
  public static List<Map<String, Input>> parse(byte[] text) {
    JsonNode body = json(text);
    if (body == null || !body.isObject())
      throw RecordException.undecodable("", "the body must be an object with a list \"instances\"");
    JsonNode instances = body.get("instances");
    if (instances == null && body.has("instance"))
      throw RecordException.undecodable("instance", "the list must be named \"instances\"");
    if (instances == null || !instances.isArray())
      throw RecordException.undecodable("instances", "must be a list of objects");
    if (instances.isEmpty()) throw RecordException.undecodable("instances", "is empty");
    List<Map<String, Input>> all = new ArrayList<>();
    for (JsonNode instance : instances) all.add(inputs("instances[" + all.size() + "]", instance));
    return all;
  }

  private static JsonNode json(byte[] text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException error) {
      throw RecordException.undecodable("", "is not JSON");
    } catch (IOException error) {
      throw RecordException.undecodable("", "is not text");
    }
  }

  private static Map<String, Input> inputs(String where, JsonNode instance) {
    if (!instance.isObject()) throw RecordException.undecodable(where, "must be an object of named inputs");
    Map<String, Input> inputs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : instance.properties())
      inputs.put(field.getKey(), input(where + "." + field.getKey(), field.getValue()));
    if (inputs.isEmpty()) throw RecordException.undecodable(where, "holds no inputs");
    return inputs;
  }

  private static Input input(String where, JsonNode value) {
    if (value.isTextual()) return Input.text(value.textValue());
    if (value.isArray()) return dense(where, value);
    if (value.isObject()) return object(where, value);
    List<JsonNode> one = new ArrayList<>();
    one.add(value);
    return tensor(where, new int[] {1}, one);
  }

  private static Input object(String where, JsonNode value) {
    JsonNode b64 = value.get("b64");
    if (b64 != null && b64.isTextual()) return Input.image(b64.textValue());
    JsonNode shape = value.get("shape");
    JsonNode data = value.get("data");
    JsonNode indices = value.get("indices");
    if (!isList(shape) || !isList(data) || !isList(indices))
      throw RecordException.undecodable(
          where, "an object must hold \"b64\", or the lists \"shape\", \"data\" and \"indices\"");
    int[] sizes = whole(where + ".shape", shape);
    if (Input.elementCount(sizes) < 0) throw RecordException.undecodable(where + ".shape", "is impossible");
    Input values = dense(where + ".data", data);
    if (values.shape.length != 1) throw RecordException.undecodable(where + ".data", "must be a plain list");
    if (indices.size() != data.size())
      throw RecordException.undecodable(
          where + ".indices", "holds " + indices.size() + " entries for " + data.size() + " values");
    int[] flat = new int[indices.size() * sizes.length];
    for (int i = 0; i < indices.size(); i++) {
      String place = where + ".indices[" + i + "]";
      JsonNode index = indices.get(i);
      if (!index.isArray() || index.size() != sizes.length)
        throw RecordException.undecodable(place, "must be a list of " + sizes.length + " numbers");
      int[] positions = whole(place, index);
      for (int axis = 0; axis < positions.length; axis++) {
        if (positions[axis] >= sizes[axis])
          throw RecordException.undecodable(place, positions[axis] + " is outside of the shape");
        flat[i * sizes.length + axis] = positions[axis];
      }
    }
    return Input.sparse(sizes, values.data, flat, new int[] {indices.size(), sizes.length});
  }

  private static boolean isList(JsonNode node) {
    return node != null && node.isArray();
  }

  private static int[] whole(String where, JsonNode list) {
    if (list.size() > Input.MAX_AXES)
      throw RecordException.undecodable(where, "has more than " + Input.MAX_AXES + " entries");
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      double value = list.get(i).isNumber() ? list.get(i).doubleValue() : -1;
      if (value < 0 || value != (int) value)
        throw RecordException.undecodable(where + "[" + i + "]", "must be an integer of at least 0");
      values[i] = (int) value;
    }
    return values;
  }

  /** The shape is that of the first elements; every other list must agree with it. */
  private static Input dense(String where, JsonNode list) {
    List<Integer> sizes = new ArrayList<>();
    JsonNode first = list;
    while (first.isArray()) {
      if (first.isEmpty()) throw RecordException.undecodable(where, "holds an empty list");
      if (sizes.size() == Input.MAX_AXES)
        throw RecordException.undecodable(where, "nests deeper than " + Input.MAX_AXES + " levels");
      sizes.add(first.size());
      first = first.get(0);
    }
    int[] shape = sizes.stream().mapToInt(Integer::intValue).toArray();
    List<JsonNode> leaves = new ArrayList<>();
    collect(where, list, shape, 0, leaves);
    return tensor(where, shape, leaves);
  }

  private static void collect(String where, JsonNode list, int[] shape, int depth, List<JsonNode> leaves) {
    if (list.size() != shape[depth])
      throw RecordException.undecodable(
          where, "has " + list.size() + " elements where its neighbours have " + shape[depth]);
    for (int i = 0; i < list.size(); i++) {
      JsonNode item = list.get(i);
      if (depth == shape.length - 1) leaves.add(item);
      else if (item.isArray()) collect(where + "[" + i + "]", item, shape, depth + 1, leaves);
      else throw RecordException.undecodable(where + "[" + i + "]", "must be a list, as its neighbours are");
    }
  }

  private static Input tensor(String where, int[] shape, List<JsonNode> leaves) {
    if (leaves.get(0).isTextual()) return Input.dense(shape, texts(where, leaves));
    double[] floats = new double[leaves.size()];
    int[] ints = new int[leaves.size()];
    boolean areInts = true;
    for (int i = 0; i < floats.length; i++) {
      double value = number(where, leaves.get(i));
      floats[i] = value;
      ints[i] = (int) value;
      areInts &= ints[i] == value;
    }
    return Input.dense(shape, areInts ? ints : floats);
  }

  private static String[] texts(String where, List<JsonNode> leaves) {
    String[] texts = new String[leaves.size()];
    for (int i = 0; i < texts.length; i++) {
      if (!leaves.get(i).isTextual())
        throw RecordException.undecodable(where, "must hold texts only, or numbers only");
      texts[i] = leaves.get(i).textValue();
    }
    return texts;
  }

  private static double number(String where, JsonNode leaf) {
    if (leaf.isBoolean()) return leaf.booleanValue() ? 1 : 0;
    if (!leaf.isNumber()) throw RecordException.undecodable(where, "must hold numbers only, or texts only");
    double value = leaf.doubleValue();
    if (Double.isInfinite(value)) throw RecordException.undecodable(where, "is larger than any number");
    return value;
  }
}

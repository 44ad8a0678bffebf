package servings.flink.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Opens ONNX sessions. Loaded by a class loader of its own that all jobs of a TaskManager share, see
 *  {@code SharedRuntime}, so only types of the JDK pass its borders.
 *
 *  It takes a file and a number of threads, and answers a map: "inputs" and "outputs", each a list of
 *  {@code {String name, String type, long[] dims (-1: not fixed)}}; "run", from a list of
 *  {@code {String name, String type, long[] dims, array}} to a list of {@code {long[] dims, float[] data}} in the model's
 *  order; "close", a Runnable. */
public final class OnnxSessions implements BiFunction<String, Integer, Map<String, Object>> {
  @Override
  public Map<String, Object> apply(String file, Integer threads) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      return describe(environment, environment.createSession(file, options));
    } catch (OrtException error) {
      throw new IllegalStateException(error.getMessage());
    }
  }

  private static Map<String, Object> describe(OrtEnvironment environment, OrtSession session) throws OrtException {
    Map<String, Object> described = new HashMap<>();
    described.put("inputs", infos(session.getInputInfo()));
    described.put("outputs", infos(session.getOutputInfo()));
    List<String> names = new ArrayList<>(session.getOutputInfo().keySet());
    UnaryOperator<List<Object[]>> run = feeds -> run(environment, session, names, feeds);
    Runnable close =
        () -> {
          try {
            session.close();
          } catch (OrtException error) {
            throw new IllegalStateException(error.getMessage());
          }
        };
    described.put("run", run);
    described.put("close", close);
    return described;
  }

  private static List<Object[]> infos(Map<String, NodeInfo> nodes) {
    List<Object[]> infos = new ArrayList<>();
    nodes.forEach(
        (name, node) -> {
          if (node.getInfo() instanceof TensorInfo) {
            TensorInfo info = (TensorInfo) node.getInfo();
            infos.add(new Object[] {name, typeName(info.onnxType), info.getShape()});
          } else infos.add(new Object[] {name, "sequence or map", new long[0]});
        });
    return infos;
  }

  /** As ONNX Runtime's JavaScript names them. */
  private static String typeName(TensorInfo.OnnxTensorType type) {
    switch (type) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
        return "float32";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
        return "float64";
      default:
        return type.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "").toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static List<Object[]> run(
      OrtEnvironment environment, OrtSession session, List<String> names, List<Object[]> feeds) {
    Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();
    try {
      for (Object[] feed : feeds)
        tensors.put((String) feed[0], tensor(environment, (String) feed[1], (long[]) feed[2], feed[3]));
      try (OrtSession.Result result = session.run(tensors)) {
        List<Object[]> outputs = new ArrayList<>(names.size());
        for (String name : names) {
          OnnxValue value = result.get(name).orElseThrow(() -> new IllegalStateException("no output " + name));
          if (!(value instanceof OnnxTensor)) throw new IllegalStateException("the output " + name + " is no tensor");
          outputs.add(output((OnnxTensor) value));
        }
        return outputs;
      }
    } catch (OrtException error) {
      throw new IllegalStateException(error.getMessage());
    } finally {
      for (OnnxTensorLike tensor : tensors.values()) tensor.close();
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, String type, long[] dims, Object data)
      throws OrtException {
    switch (type) {
      case "float32":
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap((float[]) data), dims);
      case "float64":
        return OnnxTensor.createTensor(environment, DoubleBuffer.wrap((double[]) data), dims);
      case "int64":
        return OnnxTensor.createTensor(environment, LongBuffer.wrap((long[]) data), dims);
      case "int32":
        return OnnxTensor.createTensor(environment, IntBuffer.wrap((int[]) data), dims);
      case "int16":
        return OnnxTensor.createTensor(environment, ShortBuffer.wrap((short[]) data), dims);
      case "float16":
        return OnnxTensor.createTensor(environment, ShortBuffer.wrap((short[]) data), dims, OnnxJavaType.FLOAT16);
      case "int8":
        return OnnxTensor.createTensor(environment, ByteBuffer.wrap((byte[]) data), dims, OnnxJavaType.INT8);
      case "uint8":
        return OnnxTensor.createTensor(environment, ByteBuffer.wrap((byte[]) data), dims, OnnxJavaType.UINT8);
      case "bool":
        return OnnxTensor.createTensor(environment, ByteBuffer.wrap((byte[]) data), dims, OnnxJavaType.BOOL);
      case "string":
        return OnnxTensor.createTensor(environment, (String[]) data, dims);
      default:
        throw new IllegalStateException("inputs of type " + type + " cannot be fed from a record");
    }
  }

  /** int64 beyond 2^24 and float64 lose digits, as in the original. */
  private static Object[] output(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    float[] data = new float[(int) info.getNumElements()];
    switch (info.type) {
      case FLOAT:
      case FLOAT16:
        tensor.getFloatBuffer().get(data);
        break;
      case DOUBLE:
        DoubleBuffer doubles = tensor.getDoubleBuffer();
        for (int i = 0; i < data.length; i++) data[i] = (float) doubles.get(i);
        break;
      case INT64:
        LongBuffer longs = tensor.getLongBuffer();
        for (int i = 0; i < data.length; i++) data[i] = longs.get(i);
        break;
      case INT32:
        IntBuffer ints = tensor.getIntBuffer();
        for (int i = 0; i < data.length; i++) data[i] = ints.get(i);
        break;
      case INT16:
        ShortBuffer shorts = tensor.getShortBuffer();
        for (int i = 0; i < data.length; i++) data[i] = shorts.get(i);
        break;
      case INT8:
        ByteBuffer bytes = tensor.getByteBuffer();
        for (int i = 0; i < data.length; i++) data[i] = bytes.get(i);
        break;
      case UINT8:
      case BOOL:
        ByteBuffer unsigned = tensor.getByteBuffer();
        for (int i = 0; i < data.length; i++) data[i] = unsigned.get(i) & 0xff;
        break;
      default:
        throw new IllegalStateException("an output of type " + info.type + " cannot be sent as a result");
    }
    return new Object[] {info.getShape(), data};
  }
}

package servings.flink.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A loaded and warmed ONNX model; runs on the calling thread. */
public final class Model implements AutoCloseable {
  private final List<TensorInfo> inputs;
  private final List<TensorInfo> outputs;
  private final UnaryOperator<List<Object[]>> session;
  private final Runnable close;
  private boolean batched;

  private Model(Map<String, Object> opened) {
    inputs = infos(opened.get("inputs"));
    outputs = infos(opened.get("outputs"));
    @SuppressWarnings("unchecked")
    UnaryOperator<List<Object[]>> run = (UnaryOperator<List<Object[]>>) opened.get("run");
    session = run;
    close = (Runnable) opened.get("close");
  }

  /** @param threads  that one run may use
   *  @param batching  of the config: "on" and "off" are the user's word
   *  @throws IllegalStateException with what ONNX Runtime says of the file */
  public static Model open(String file, int threads, String batching) {
    Model model = new Model(SharedRuntime.sessions().apply(file, threads));
    try {
      model.requireServable();
      // Also where its word is not asked for: it doubles as the warm-up.
      boolean mayShare = Probe.supportsBatches(model);
      model.batched = batching.equals("on") ? Probe.isDynamic(model) : mayShare && !batching.equals("off");
      return model;
    } catch (RuntimeException error) {
      model.close();
      throw error;
    }
  }

  public List<TensorInfo> inputs() {
    return inputs;
  }

  public List<TensorInfo> outputs() {
    return outputs;
  }

  /** Whether rows of several records may share one run. */
  public boolean batched() {
    return batched;
  }

  /** Runs records of equal key together.
   *  @return the outputs of each; null if they cannot be told apart, and from then on the model is not batched
   *  @throws IllegalStateException with what ONNX Runtime says */
  public List<Outputs> run(List<Fitted> records) {
    List<Outputs> split = Batches.split(session.apply(Batches.feeds(inputs, records)), records);
    if (split == null) batched = false;
    return split;
  }

  /** @throws IllegalStateException with what ONNX Runtime says */
  public Outputs runAlone(Fitted record) {
    List<Fitted> only = Collections.singletonList(record);
    return Batches.whole(session.apply(Batches.feeds(inputs, only)), record);
  }

  @Override
  public void close() {
    close.run();
  }

  /** A result carries numbers only. */
  private void requireServable() {
    for (TensorInfo output : outputs)
      if (output.type.equals("string") || output.type.equals("sequence or map"))
        throw new IllegalStateException(
            "model-unsupported: \"" + output.name + "\" is a " + output.type + ", and only tensors of numbers can be results");
    for (TensorInfo input : inputs)
      if (input.type.equals("sequence or map"))
        throw new IllegalStateException("model-unsupported: \"" + input.name + "\" is a " + input.type);
  }

  private static List<TensorInfo> infos(Object described) {
    List<TensorInfo> infos = new ArrayList<>();
    for (Object item : (List<?>) described) {
      Object[] info = (Object[]) item;
      long[] dims = (long[]) info[2];
      Integer[] shape = new Integer[dims.length];
      for (int i = 0; i < dims.length; i++) shape[i] = dims[i] < 0 ? null : (int) dims[i];
      infos.add(new TensorInfo((String) info[0], (String) info[1], shape));
    }
    return Collections.unmodifiableList(infos);
  }
}

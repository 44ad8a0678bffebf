package servings.flink.engine;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.YieldingOperatorFactory;
import servings.flink.JobSpec;
import servings.flink.source.Taken;
import servings.flink.worker.Answers;

/** Makes the operator of each task, in one chain with the source before it and the sink behind it. Flink 1.20 gives a mailbox
 *  only to what says by the deprecated interface that it wants one. */
@SuppressWarnings("deprecation")
public final class Inference extends AbstractStreamOperatorFactory<Answers>
    implements OneInputStreamOperatorFactory<Taken, Answers>, YieldingOperatorFactory<Answers> {
  private final String spec;
  private final ArrayList<String> modelFiles;

  /** @param modelFiles  their names in the model's folder, in the order in which Flink's cache has them */
  public Inference(String spec, List<String> modelFiles) {
    this.spec = spec;
    this.modelFiles = new ArrayList<>(modelFiles);
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<Answers>> T createStreamOperator(StreamOperatorParameters<Answers> parameters) {
    InferenceOperator operator = new InferenceOperator(JobSpec.parse(spec), modelFiles, getMailboxExecutor());
    operator.setup(parameters.getContainingTask(), parameters.getStreamConfig(), parameters.getOutput());
    return (T) operator;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
    return InferenceOperator.class;
  }
}

package servings.flink.sink;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import servings.flink.JobSpec;
import servings.flink.worker.Answers;

/** Writes results into Redis and acknowledges their records in the same step. */
public final class ResultSink implements Sink<Answers> {
  private final String spec;

  public ResultSink(String spec) {
    this.spec = spec;
  }

  @Override
  public SinkWriter<Answers> createWriter(WriterInitContext context) {
    return new ResultWriter(JobSpec.parse(spec), context.getTaskInfo().getIndexOfThisSubtask());
  }

  @Override
  @Deprecated
  @SuppressWarnings("deprecation")
  public SinkWriter<Answers> createWriter(InitContext context) {
    throw new UnsupportedOperationException("Flink before 1.19");
  }
}

package servings.flink.engine;

import java.util.List;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import servings.flink.JobSpec;
import servings.flink.source.Taken;
import servings.flink.worker.Answers;
import servings.flink.worker.ModelFiles;
import servings.flink.worker.Worker;

/** Hands records to the process that has the model, and its answers on to the sink. */
final class InferenceOperator extends AbstractStreamOperator<Answers>
    implements OneInputStreamOperator<Taken, Answers>, BoundedOneInput {
  /** Where the time of a record goes, as heartbeats name it. */
  private static final String[] STAGES = {"queueWait", "decode", "inference", "write"};

  private static final String[] PERCENTILES = {"p50", "p99"};

  private final transient JobSpec spec;
  private final transient List<String> modelFiles;
  private final transient MailboxExecutor mailbox;
  private transient Worker worker;
  private transient ModelFiles files;

  InferenceOperator(JobSpec spec, List<String> modelFiles, MailboxExecutor mailbox) {
    this.spec = spec;
    this.modelFiles = modelFiles;
    this.mailbox = mailbox;
  }

  @Override
  public void open() throws Exception {
    super.open();
    worker = Worker.acquire(spec, getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
    files = ModelFiles.layOut(getRuntimeContext().getDistributedCache(), modelFiles);
    addMetrics(getMetricGroup().addGroup("serving"));
    worker.start(
        files.folder(),
        answers -> mailbox.execute(() -> output.collect(new StreamRecord<>(answers)), "answers"),
        () -> mailbox.execute(worker::requireLife, "look after the worker"));
  }

  private void addMetrics(MetricGroup group) {
    group.gauge("recordsPerSecond", () -> worker.figures().path("recordsPerSecond").asDouble());
    group.gauge("meanBatchSize", () -> worker.figures().path("batchSize").path("mean").asDouble());
    for (String stage : STAGES) {
      MetricGroup ms = group.addGroup(stage + "Ms");
      for (String percentile : PERCENTILES)
        ms.gauge(percentile, () -> worker.figures().path("latencyMs").path(stage).path(percentile).asDouble());
    }
  }

  @Override
  public void processElement(StreamRecord<Taken> element) {
    Taken taken = element.getValue();
    worker.send(taken.session, taken.records);
  }

  /** Returns when all that was sent is answered and written, or has gone back to the queue. */
  @Override
  public void endInput() throws Exception {
    worker.endInput();
    while (worker.inHand().size() > 0) mailbox.yield();
  }

  @Override
  public void close() throws Exception {
    if (worker != null) worker.release();
    if (files != null) files.close();
    super.close();
    // When the task lets go of the model, a thread of Flink's file cache may be made that lives as long as the TaskManager
    // and inherits what is set here: the loader of this job, with all its classes, if it were left.
    Thread.currentThread().setContextClassLoader(AbstractStreamOperator.class.getClassLoader());
  }
}

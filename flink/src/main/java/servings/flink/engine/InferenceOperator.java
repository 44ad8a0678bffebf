package servings.flink.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import servings.flink.JobSpec;
import servings.flink.codec.Filter;
import servings.flink.codec.RecordException;
import servings.flink.codec.Results;
import servings.flink.model.Decoder;
import servings.flink.model.Fitted;
import servings.flink.model.Model;
import servings.flink.model.Outputs;
import servings.flink.queue.Answer;
import servings.flink.queue.QueuedRecord;
import servings.flink.queue.RedisKeys;
import servings.flink.source.Taken;
import servings.flink.worker.Statistics;
import servings.flink.worker.Worker;

/** decode → batch → run → encode, on the task's own thread; reading and writing run beside it. A record that cannot be
 *  answered gets NaN with its reason, and never ends the job. */
public final class InferenceOperator extends AbstractStreamOperator<Answers>
    implements OneInputStreamOperator<Taken, Answers>, BoundedOneInput {
  private final String specText;

  private transient JobSpec spec;
  private transient Worker worker;
  private transient Model model;
  private transient Decoder decoder;
  private transient Results results;
  private transient Filter filter;
  private transient Batcher batcher;
  private transient boolean isBatched;
  private transient List<Answer> answers;
  private transient long timerAt;

  public InferenceOperator(String spec) {
    this.specText = spec;
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void open() throws Exception {
    super.open();
    spec = JobSpec.parse(specText);
    worker = Worker.acquire(spec, getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
    try (ModelFiles files = ModelFiles.layOut(getRuntimeContext().getDistributedCache(), spec.model)) {
      model = Model.open(files.model(), spec.threadPerModel, spec.batching);
    } catch (RuntimeException error) {
      worker.failed("model-load-failed: " + spec.model.name() + " could not be loaded: " + error.getMessage());
      throw error;
    }
    decoder =
        new Decoder(
            model,
            spec.inputAlreadyBatched,
            spec.imageResize == null ? 0 : spec.imageResize.height,
            spec.imageResize == null ? 0 : spec.imageResize.width);
    results = new Results();
    if (spec.postProcessing != null) filter = new Filter(spec.postProcessing.kind, spec.postProcessing.n);
    batcher = new Batcher(spec.batchSize, spec.batchTimeoutMs);
    isBatched = model.batched();
    answers = new ArrayList<>();
    addMetrics(getMetricGroup().addGroup("serving"));
    worker.ready(model, spec.model.name());
  }

  private void addMetrics(MetricGroup group) {
    Statistics statistics = worker.statistics();
    group.gauge("recordsPerSecond", () -> statistics.recordsPerSecond(System.currentTimeMillis()));
    group.gauge("meanBatchSize", statistics::meanBatch);
    for (Statistics.Stage stage : Statistics.Stage.values()) {
      MetricGroup ms = group.addGroup(stage.text + "Ms");
      ms.gauge("p50", () -> statistics.percentile(stage, 0.5));
      ms.gauge("p99", () -> statistics.percentile(stage, 0.99));
    }
  }

  @Override
  public void processElement(StreamRecord<Taken> element) throws Exception {
    List<QueuedRecord> records = element.getValue().records;
    long now = System.currentTimeMillis();
    long redisNow = worker.redis().now();
    long start = System.nanoTime();
    for (QueuedRecord record : records) accept(record, now, redisNow);
    worker.statistics().took(Statistics.Stage.DECODE, millisSince(start) / records.size());
    pump(now);
  }

  @Override
  public void endInput() {
    pump(Long.MAX_VALUE);
  }

  private void accept(QueuedRecord record, long now, long redisNow) {
    if (record.deliveries > spec.maxDeliveries) {
      int before = record.deliveries - 1;
      giveUp(
          record,
          "delivery-limit: Delivered " + before + " times without an answer; each worker that had it died.");
    } else if (record.isExpired(redisNow)) answers.add(new Answer(record, null, null));
    else {
      try {
        batcher.add(new Item(record, decoder.decode(record.data, record.serde)), now);
      } catch (RecordException error) {
        giveUp(record, error.reason());
      } catch (RuntimeException error) {
        // A bug of ours must not end the job, and must not be lost either.
        worker.log().error("record {} given up after an unexpected error", record.id, error);
        giveUp(record, "record-undecodable: " + error);
      }
    }
  }

  private void giveUp(QueuedRecord record, String reason) {
    worker.log().warn("record {} given up: {}", record.id, reason);
    boolean isExpired = record.isExpired(worker.redis().now());
    answers.add(new Answer(record, isExpired ? null : RedisKeys.UNANSWERABLE.getBytes(UTF_8), reason));
  }

  private void pump(long now) {
    emit();
    for (List<Item> batch = batcher.next(now); batch != null; batch = batcher.next(now)) {
      run(batch);
      emit();
    }
    long readyAt = batcher.readyAt();
    if (readyAt == 0 || readyAt == timerAt) return;
    timerAt = readyAt;
    getProcessingTimeService().registerTimer(readyAt, time -> pump(System.currentTimeMillis()));
  }

  private void emit() {
    if (answers.isEmpty()) return;
    output.collect(new StreamRecord<>(new Answers(answers)));
    answers = new ArrayList<>();
  }

  private void run(List<Item> taken) {
    long now = worker.redis().now();
    List<Item> batch = new ArrayList<>(taken.size());
    for (Item item : taken) {
      if (item.record.isExpired(now)) answers.add(new Answer(item.record, null, null));
      else batch.add(item);
    }
    if (isBatched && batch.size() > 1 && runTogether(batch)) return;
    // One of them does not suit the model, or the model takes one only; which one shows when each is run by itself.
    for (Item item : batch) runAlone(item);
  }

  private boolean runTogether(List<Item> batch) {
    List<Fitted> fitted = new ArrayList<>(batch.size());
    for (Item item : batch) fitted.add(item.fitted);
    List<Outputs> outputs;
    try {
      long start = System.nanoTime();
      outputs = model.run(fitted);
      ran(start, fitted);
    } catch (IllegalStateException error) {
      return false;
    }
    if (outputs == null) {
      isBatched = false;
      worker.log().warn("The first dimension of an output is not the batch after all; from now on every record is run by itself.");
      return false;
    }
    for (int i = 0; i < outputs.size(); i++) answer(batch.get(i).record, outputs.get(i));
    return true;
  }

  private void runAlone(Item item) {
    List<Fitted> only = List.of(item.fitted);
    try {
      long start = System.nanoTime();
      List<Outputs> together = isBatched ? model.run(only) : null;
      Outputs outputs = together == null ? model.runAlone(item.fitted) : together.get(0);
      ran(start, only);
      answer(item.record, outputs);
    } catch (IllegalStateException error) {
      giveUp(item.record, "model-run-failed: The model failed: " + error.getMessage());
    }
  }

  private void ran(long start, List<Fitted> batch) {
    int rows = 0;
    for (Fitted record : batch) rows += record.rows;
    worker.statistics().took(Statistics.Stage.INFERENCE, millisSince(start));
    worker.statistics().batch(rows);
  }

  private void answer(QueuedRecord record, Outputs outputs) {
    try {
      byte[] value =
          filter == null
              ? results.encode(outputs.shapes, outputs.data)
              : filter.apply(outputs.shapes[0], outputs.data[0]).getBytes(UTF_8);
      answers.add(new Answer(record, value, null));
    } catch (RecordException error) {
      giveUp(record, error.reason());
    }
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  @Override
  public void close() throws Exception {
    if (model != null) model.close();
    if (worker != null) worker.release();
    super.close();
    // When the task lets go of the model, a thread of Flink's file cache may be made that lives as long as the TaskManager
    // and inherits what is set here: the loader of this job, with all its classes, if it were left.
    Thread.currentThread().setContextClassLoader(AbstractStreamOperator.class.getClassLoader());
  }
}

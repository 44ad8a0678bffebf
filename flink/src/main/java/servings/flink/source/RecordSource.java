package servings.flink.source;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import servings.flink.JobSpec;
import servings.flink.install.Archives;

/** The job's Redis stream. Its consumer group is all the state there is: what was given out and not acknowledged is given
 *  out again, so the job needs no checkpoints. */
public final class RecordSource implements Source<Taken, StreamSplit, Boolean> {
  private final String spec;
  private final Archives archives;

  /** @param archives  what workers run on, as the JobManager has it */
  public RecordSource(String spec, Archives archives) {
    this.spec = spec;
    this.archives = archives;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SourceReader<Taken, StreamSplit> createReader(SourceReaderContext context) {
    return new RecordReader(JobSpec.parse(spec), context);
  }

  @Override
  public SplitEnumerator<StreamSplit, Boolean> createEnumerator(SplitEnumeratorContext<StreamSplit> context) {
    return new NoSplits(context, archives);
  }

  @Override
  public SplitEnumerator<StreamSplit, Boolean> restoreEnumerator(
      SplitEnumeratorContext<StreamSplit> context, Boolean checkpoint) {
    return new NoSplits(context, archives);
  }

  @Override
  public SimpleVersionedSerializer<StreamSplit> getSplitSerializer() {
    return NoSplits.serializer(new StreamSplit());
  }

  @Override
  public SimpleVersionedSerializer<Boolean> getEnumeratorCheckpointSerializer() {
    return NoSplits.serializer(true);
  }
}

package servings.flink.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import servings.flink.install.Archives;
import servings.flink.install.Piece;

/** Has no splits to deal out: each reader is a consumer of the stream's group, which shares the records among them. It gives
 *  readers what they lack of the program of workers. */
final class NoSplits implements SplitEnumerator<StreamSplit, Boolean> {
  private final SplitEnumeratorContext<StreamSplit> context;
  private final Archives archives;

  NoSplits(SplitEnumeratorContext<StreamSplit> context, Archives archives) {
    this.context = context;
    this.archives = archives;
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent wish) {
    context.sendEventToSourceReader(subtask, archives.answer((Piece) wish));
  }

  @Override
  public void start() {}

  @Override
  public void handleSplitRequest(int subtask, String host) {}

  @Override
  public void addSplitsBack(List<StreamSplit> splits, int subtask) {}

  @Override
  public void addReader(int subtask) {}

  @Override
  public Boolean snapshotState(long checkpointId) {
    return true;
  }

  @Override
  public void close() {}

  /** Nothing is written, and nothing read. */
  static <T> SimpleVersionedSerializer<T> serializer(T only) {
    return new SimpleVersionedSerializer<T>() {
      @Override
      public int getVersion() {
        return 1;
      }

      @Override
      public byte[] serialize(T value) {
        return new byte[0];
      }

      @Override
      public T deserialize(int version, byte[] serialized) {
        return only;
      }
    };
  }
}

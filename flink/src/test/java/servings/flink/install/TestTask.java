package servings.flink.install;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

/** What Flink gives a source's reader: here what it asks its JobManager for is kept. */
public final class TestTask implements SourceReaderContext {
  public final Queue<Piece> asked = new ArrayDeque<>();
  private final Configuration configuration = new Configuration();

  /** @param folder  the TaskManager's folder for temporary files */
  public TestTask(Path folder) {
    configuration.set(CoreOptions.TMP_DIRS, folder.toString());
  }

  /** Answers all that is asked for, and what is asked for because of the answers. */
  public void answer(Archives archives, Installer installer) {
    for (Piece wish = asked.poll(); wish != null; wish = asked.poll()) installer.take(archives.answer(wish));
  }

  @Override
  public void sendSourceEventToCoordinator(SourceEvent event) {
    asked.add((Piece) event);
  }

  @Override
  public Configuration getConfiguration() {
    return configuration;
  }

  @Override
  public int getIndexOfSubtask() {
    return 0;
  }

  @Override
  public String getLocalHostName() {
    return "localhost";
  }

  @Override
  public void sendSplitRequest() {
    throw new AssertionError("the job has no splits");
  }

  @Override
  public SourceReaderMetricGroup metricGroup() {
    throw new AssertionError("the job's source has no metrics");
  }

  @Override
  public UserCodeClassLoader getUserCodeClassLoader() {
    return SimpleUserCodeClassLoader.create(TestTask.class.getClassLoader());
  }
}

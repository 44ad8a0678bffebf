package servings.flink.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.ConfigurationUtils;
import servings.flink.JobSpec;

/** Brings the program of worker processes onto a TaskManager, which asks the JobManager for what it lacks: once for each
 *  content. Flink's own cache of files would bring all of it again for every job. For the task's own thread. */
public final class Installer {
  private final SourceReaderContext context;
  private final Program program;
  private final Deque<JobSpec.Archive> missing = new ArrayDeque<>();
  private CompletableFuture<Program> done;
  private Path arriving;
  private long size;

  public Installer(JobSpec.ProgramSpec spec, SourceReaderContext context) {
    this.context = context;
    Path folder = Path.of(ConfigurationUtils.parseTempDirectories(context.getConfiguration())[0]);
    program = new Program(folder.resolve("cluster-serving-" + System.getProperty("user.name")), spec);
  }

  /** @param installed  told when all is there */
  public void start(CompletableFuture<Program> installed) {
    done = installed;
    try {
      program.prepare();
      missing.addAll(program.missing());
      next();
    } catch (IOException | RuntimeException error) {
      installed.completeExceptionally(error);
    }
  }

  private void next() throws IOException {
    JobSpec.Archive wanted = missing.peek();
    if (wanted == null) {
      done.complete(program);
      return;
    }
    arriving = program.newFile();
    size = 0;
    ask(wanted);
  }

  private void ask(JobSpec.Archive wanted) {
    context.sendSourceEventToCoordinator(new Piece(wanted.sha256, size, null));
  }

  public void take(Piece piece) {
    JobSpec.Archive wanted = missing.peek();
    if (wanted == null || !wanted.sha256.equals(piece.digest) || piece.offset != size) return;
    try {
      if (piece.bytes == null)
        throw new IOException("The JobManager has lost the program of the workers, as when it was started again. Start the job again.");
      Files.write(arriving, piece.bytes, StandardOpenOption.APPEND);
      size += piece.bytes.length;
      if (size < wanted.bytes && piece.bytes.length > 0) {
        ask(wanted);
        return;
      }
      program.install(wanted, arriving);
      missing.remove();
      next();
    } catch (IOException | RuntimeException error) {
      done.completeExceptionally(error);
    }
  }
}

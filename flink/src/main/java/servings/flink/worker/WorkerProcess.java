package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The process that has the model: one of Node.js, as the embedded backend runs it. It ends when its input does, so nothing
 *  of it is left when the TaskManager dies, however that happens. */
final class WorkerProcess implements AutoCloseable {
  /** Messages have two descriptors of their own, since libraries may print. Where memory is short the model goes rather than
   *  the TaskManager, and an abort leaves no copy of the memory on the disk. */
  private static final String LAUNCH =
      "ulimit -c 0; { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>&2";

  private static final int KEPT_LINES = 20;
  private static final int MAX_LINE = 1000;
  private static final long POLITE_MS = 500;
  private static final int KILLED = 128;

  private final Process process;
  private final Pipe pipe;
  private final Thread lines;
  private final Deque<String> lastLines = new ArrayDeque<>();

  /** @param folder  where it runs
   *  @param onLine  gets what it prints beside its messages */
  WorkerProcess(Path node, Path program, Path folder, Consumer<String> onLine) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", LAUNCH, node.toString(), program.toString());
    builder.directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    // What changes programs of Node.js or brings another memory allocator is meant for others.
    environment.keySet().removeIf(name -> name.startsWith("NODE_") || name.equals("LD_PRELOAD"));
    process = builder.start();
    pipe = new Pipe(process.getInputStream(), process.getOutputStream());
    lines = new Thread(() -> readLines(onLine), "lines of worker process " + process.pid());
    lines.setDaemon(true);
    lines.start();
  }

  long pid() {
    return process.pid();
  }

  /** @return null when it has ended; one that writes what is no message is ended */
  List<byte[]> read() {
    try {
      return pipe.read();
    } catch (IOException error) {
      if (process.isAlive()) keep(error.getMessage());
      kill();
      return null;
    }
  }

  /** One that has ended is no error: who reads finds out. */
  void write(Message message) {
    try {
      pipe.write(message);
    } catch (IOException error) {
      kill();
    }
  }

  /** By its handle: the process's own method would also close what it printed, its last words among it. */
  void kill() {
    process.toHandle().destroyForcibly();
    try {
      // What the process started ends with its input, too.
      process.getOutputStream().close();
    } catch (IOException error) {
      // It has ended.
    }
  }

  private void readLines(Consumer<String> onLine) {
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getErrorStream(), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String kept = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
        keep(kept);
        onLine.accept(kept);
      }
    } catch (IOException error) {
      // It has ended.
    }
  }

  private void keep(String line) {
    synchronized (lastLines) {
      lastLines.add(line);
      if (lastLines.size() > KEPT_LINES) lastLines.remove();
    }
  }

  /** How it ended, for people. Waits for that. */
  String ending() throws InterruptedException {
    int code = process.waitFor();
    lines.join(POLITE_MS);
    StringBuilder text = new StringBuilder(code > KILLED ? "by signal " + (code - KILLED) : "with code " + code);
    if (code == KILLED + 9) text.append(" (killed, perhaps for want of memory)");
    synchronized (lastLines) {
      for (String line : lastLines) if (!line.isBlank()) text.append(text.length() > 0 ? "; " : "").append(line.trim());
    }
    return text.toString();
  }

  /** Ends it: at once, but for what it does when its input ends. */
  @Override
  public void close() {
    boolean wasInterrupted = Thread.interrupted();
    try {
      // A write that waits for a process that does not read would hold the pipe.
      if (!process.waitFor(0, TimeUnit.MILLISECONDS)) process.destroy();
      if (!process.waitFor(POLITE_MS, TimeUnit.MILLISECONDS)) process.destroyForcibly();
      process.waitFor();
    } catch (InterruptedException error) {
      process.destroyForcibly();
      wasInterrupted = true;
    }
    if (wasInterrupted) Thread.currentThread().interrupt();
  }
}

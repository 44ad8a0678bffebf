package servings.flink.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WorkerProcessTest {
  @TempDir Path folder;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** A process that is a script: its messages come on 3 and go to 4. */
  private WorkerProcess start(String script) throws IOException {
    Path file = folder.resolve("script");
    Files.writeString(file, script);
    return new WorkerProcess(Path.of("/bin/sh"), file, folder, lines::add);
  }

  private void awaitLine() throws InterruptedException {
    while (lines.isEmpty()) TimeUnit.MILLISECONDS.sleep(5);
  }

  @Test
  void messagesGoBothWaysBesideWhatIsPrinted() throws Exception {
    WorkerProcess process = start("echo printed; cat <&3 >&4 & wait");
    process.write(Message.of("hello", 1).add("there"));
    assertEquals("there", new String(process.read().get(1)));
    awaitLine();
    process.close();
    assertNull(process.read());
    assertEquals(List.of("printed"), lines);
  }

  @Test
  void howItEndedIsSaidWithItsLastWords() throws Exception {
    WorkerProcess old = start("echo \"node: libc.so.6: version \\`GLIBC_2.38' not found\" >&2; exit 1");
    assertNull(old.read());
    assertEquals("with code 1; node: libc.so.6: version `GLIBC_2.38' not found", old.ending());
  }

  @Test
  void lastWordsThatAreNotReadYetAreKeptWhenAMessageFindsTheProcessGone() throws Exception {
    Files.writeString(
        folder.resolve("script"),
        "i=0; while [ $i -lt 40 ]; do printf '%0900d\\n' $i; i=$((i+1)); done; echo why it ended; exit 3");
    CountDownLatch written = new CountDownLatch(1);
    WorkerProcess process =
        new WorkerProcess(Path.of("/bin/sh"), folder.resolve("script"), folder, line -> {
          try {
            written.await();
          } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
          }
        });
    assertNull(process.read());
    ProcessHandle.of(process.pid()).ifPresent(handle -> handle.onExit().join());
    process.write(Message.of("job", 0));
    written.countDown();
    String ending = process.ending();
    assertTrue(ending.startsWith("with code 3;"), () -> ending.substring(0, 20));
    assertTrue(ending.endsWith("why it ended"), () -> ending.substring(ending.length() - 20));
  }

  @Test
  void anAbortIsToldByItsSignal() throws Exception {
    WorkerProcess process = start("kill -ABRT $$");
    assertNull(process.read());
    assertEquals("by signal 6", process.ending());
    assertFalse(Files.list(folder).anyMatch(file -> file.getFileName().toString().startsWith("core")));
  }

  @Test
  void aProgramThatIsNotThereIsNamed() throws Exception {
    WorkerProcess process = new WorkerProcess(folder.resolve("node"), folder.resolve("none"), folder, lines::add);
    assertNull(process.read());
    assertTrue(process.ending().contains("/node: not found"), process.ending());
  }

  @Test
  void oneThatDoesNotListenIsEndedAllTheSame() throws Exception {
    WorkerProcess process = start("trap '' TERM; echo deaf; while :; do sleep 1; done");
    awaitLine();
    process.close();
    assertNull(process.read());
    assertTrue(process.ending().startsWith("by signal 9 "));
    // A write to it is no error.
    process.write(Message.of("late", 0));
  }
}

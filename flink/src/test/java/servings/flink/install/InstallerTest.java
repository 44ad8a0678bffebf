package servings.flink.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import servings.flink.JobSpec;

@Timeout(120)
class InstallerTest {
  @TempDir Path uploads;
  @TempDir Path machine;

  private final JobSpec.ProgramSpec spec = new JobSpec.ProgramSpec();
  private final CompletableFuture<Program> installed = new CompletableFuture<>();
  private TestArchives archives;
  private TestTask task;

  @BeforeEach
  void upload() throws IOException {
    archives = new TestArchives(uploads);
    spec.node = archives.add("node.zip", Map.of("node", "#!/bin/sh\n"));
    spec.worker = archives.add("worker.zip", Map.of("worker.mjs", "text", "a/b/c", "deep"));
    task = new TestTask(machine);
  }

  private Path folder() {
    return machine.resolve("cluster-serving-" + System.getProperty("user.name"));
  }

  private List<String> entries() throws IOException {
    try (Stream<Path> all = Files.list(folder())) {
      return all.map(one -> one.getFileName().toString()).sorted().collect(Collectors.toList());
    }
  }

  private Installer started() {
    Installer installer = new Installer(spec, task);
    installer.start(installed);
    return installer;
  }

  private String failure() {
    return assertThrows(CompletionException.class, installed::join).getCause().getMessage();
  }

  @Test
  void whatIsMissingIsAskedForOneArchiveAfterTheOther() throws IOException {
    Installer installer = started();
    assertEquals(1, task.asked.size());
    assertEquals(spec.node.sha256, task.asked.peek().digest);
    assertFalse(installed.isDone());
    task.answer(archives.toArchives(), installer);
    Program program = installed.join();
    assertEquals("text", Files.readString(program.worker()));
    assertEquals("deep", Files.readString(program.worker().resolveSibling("a/b/c")));
    assertEquals("#!/bin/sh\n", Files.readString(program.node()));
    assertEquals(Stream.of(spec.node.sha256, spec.worker.sha256).sorted().collect(Collectors.toList()), entries());
  }

  @Test
  void aNextJobAsksForNothingThatIsThere() throws IOException {
    task.answer(archives.toArchives(), started());
    spec.runtime = archives.add("runtime.zip", Map.of("lib.so", "library"));
    CompletableFuture<Program> again = new CompletableFuture<>();
    Installer next = new Installer(spec, task);
    next.start(again);
    assertEquals(spec.runtime.sha256, task.asked.peek().digest);
    task.answer(archives.toArchives(), next);
    assertEquals("library", Files.readString(again.join().runtime().resolve("lib.so")));
    CompletableFuture<Program> third = new CompletableFuture<>();
    new Installer(spec, task).start(third);
    assertTrue(third.isDone());
    assertEquals(0, task.asked.size());
  }

  @Test
  void aLargeArchiveComesInPiecesEachAskedForWhenTheOneBeforeItIsThere() throws IOException {
    StringBuilder text = new StringBuilder();
    Random random = new Random(7);
    while (text.length() < 3 << 20) text.append((char) (' ' + random.nextInt(90)));
    spec.worker = archives.add("worker.zip", Map.of("worker.mjs", text.toString()));
    Installer installer = started();
    Archives jobManager = archives.toArchives();
    int asked = 0;
    long before = -1;
    for (Piece wish = task.asked.poll(); wish != null; wish = task.asked.poll()) {
      assertTrue(task.asked.isEmpty());
      if (wish.digest.equals(spec.worker.sha256)) {
        assertTrue(wish.offset > before);
        before = wish.offset;
        asked++;
      }
      installer.take(jobManager.answer(wish));
    }
    assertEquals((spec.worker.bytes + (1 << 20) - 1) >> 20, asked);
    assertEquals(text.toString(), Files.readString(installed.join().worker()));
  }

  @Test
  void whatComesTwiceOrWasNotAskedForChangesNothing() throws IOException {
    Installer installer = started();
    Archives jobManager = archives.toArchives();
    installer.take(new Piece("another", 0, new byte[] {1}));
    installer.take(new Piece(spec.node.sha256, 1, new byte[] {1}));
    installer.take(jobManager.answer(new Piece(spec.worker.sha256, 0, null)));
    Piece wish = task.asked.poll();
    installer.take(jobManager.answer(wish));
    installer.take(jobManager.answer(wish));
    assertEquals(1, task.asked.size());
    task.answer(jobManager, installer);
    installer.take(jobManager.answer(wish));
    assertEquals("text", Files.readString(installed.join().worker()));
    assertEquals(2, entries().size());
  }

  @Test
  void aJobManagerThatHasLostTheFilesIsNamed() throws IOException {
    Installer installer = started();
    Files.delete(uploads.resolve("node.zip"));
    task.answer(archives.toArchives(), installer);
    assertTrue(failure().contains("JobManager"), failure());
  }

  @Test
  void anArchiveThatEndsTooSoonIsNotUnpacked() throws IOException {
    Installer installer = started();
    Piece whole = archives.toArchives().answer(task.asked.poll());
    installer.take(new Piece(whole.digest, 0, java.util.Arrays.copyOf(whole.bytes, whole.bytes.length - 1)));
    assertEquals(whole.bytes.length - 1, task.asked.peek().offset);
    installer.take(new Piece(whole.digest, whole.bytes.length - 1, new byte[0]));
    assertTrue(failure().contains("node.zip"), failure());
    assertEquals(List.of(), entries());
  }

  @Test
  void aByteThatChangedOnItsWayIsFound() throws IOException {
    Installer installer = started();
    Piece whole = archives.toArchives().answer(task.asked.poll());
    whole.bytes[whole.bytes.length / 2] ^= 1;
    installer.take(whole);
    assertTrue(failure().contains("another content"), failure());
    assertEquals(List.of(), entries());
  }

  @Test
  void noEntryLeavesItsArchiveAndNothingOfSuchAnArchiveStays() throws IOException {
    for (String name : List.of("../evil", "a/../../evil", "/tmp/../" + machine + "/evil", "..")) {
      spec.node = archives.add("evil.zip", Map.of(name, "text"));
      CompletableFuture<Program> refused = new CompletableFuture<>();
      task.asked.clear();
      Installer installer = new Installer(spec, task);
      installer.start(refused);
      task.answer(archives.toArchives(), installer);
      assertThrows(CompletionException.class, refused::join, name);
      assertEquals(List.of(), entries(), name);
      assertFalse(Files.exists(machine.resolve("evil")), name);
    }
  }

  @Test
  void aFolderThatAnotherUserMayHaveFilledIsNotUsed() throws IOException {
    Files.createDirectory(folder());
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxrwx---"));
    started();
    assertTrue(failure().contains("Permission denied: " + folder()), failure());
    assertEquals(0, task.asked.size());
  }

  @Test
  void aFileInPlaceOfTheFolderIsNotUsed() throws IOException {
    Files.writeString(folder(), "text");
    started();
    assertTrue(failure().contains("Permission denied"), failure());
    assertEquals("text", Files.readString(folder()));
  }

  @Test
  void whatNoJobHasUsedForLongIsRemovedAndWhatThisOneUsesStays() throws IOException {
    task.answer(archives.toArchives(), started());
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(31)));
    FileTime young = FileTime.from(Instant.now().minus(Duration.ofDays(29)));
    Path forgotten = Files.createDirectories(folder().resolve("forgotten"));
    Files.writeString(forgotten.resolve("file"), "text");
    Path broken = Files.writeString(folder().resolve("arriving1.zip"), "text");
    Path recent = Files.createDirectory(folder().resolve("recent"));
    for (Path one : List.of(forgotten, broken, folder().resolve(spec.node.sha256))) Files.setLastModifiedTime(one, old);
    Files.setLastModifiedTime(recent, young);
    spec.runtime = archives.add("runtime.zip", Map.of("lib.so", "library"));
    CompletableFuture<Program> again = new CompletableFuture<>();
    Installer next = new Installer(spec, task);
    next.start(again);
    task.answer(archives.toArchives(), next);
    assertTrue(Files.exists(again.join().node()));
    assertEquals(
        Stream.of("recent", spec.node.sha256, spec.worker.sha256, spec.runtime.sha256).sorted().collect(Collectors.toList()),
        entries());
  }

  /** A TaskManager starts all its parts of a job at once. */
  @Test
  void tasksThatInstallTheSameSideBySideAllSucceed() throws Exception {
    int tasks = 8;
    task.answer(archives.toArchives(), started());
    // Programs of other jobs: to look through them takes a while.
    for (int i = 0; i < 300; i++) Files.createDirectory(folder().resolve("program " + i));
    ExecutorService threads = Executors.newFixedThreadPool(tasks);
    try {
      for (int round = 0; round < 5; round++) {
        spec.node = archives.add("node-" + round + ".zip", Map.of("node", "round " + round, "other", "text"));
        CyclicBarrier together = new CyclicBarrier(tasks);
        Archives jobManager = archives.toArchives();
        List<Future<Program>> programs = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
          programs.add(threads.submit(() -> {
            TestTask own = new TestTask(machine);
            CompletableFuture<Program> done = new CompletableFuture<>();
            Installer installer = new Installer(spec, own);
            together.await();
            installer.start(done);
            own.answer(jobManager, installer);
            return done.get(60, TimeUnit.SECONDS);
          }));
        }
        for (Future<Program> program : programs)
          assertEquals("round " + round, Files.readString(program.get(60, TimeUnit.SECONDS).node()));
      }
      assertEquals(2 + 300 + 5, entries().size());
    } finally {
      threads.shutdownNow();
    }
  }
}

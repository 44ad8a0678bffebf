package servings.flink.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import servings.flink.JobSpec;

class ProgramTest {
  @TempDir Path temporary;

  private static JobSpec.Archive archive(Path zip) throws Exception {
    JobSpec.Archive archive = new JobSpec.Archive();
    byte[] bytes = Files.readAllBytes(zip);
    archive.sha256 = String.format("%064x", new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes)));
    archive.bytes = bytes.length;
    archive.shipped = zip.getFileName().toString();
    return archive;
  }

  private Path zip(String name, String entry, String text) throws IOException {
    Path zip = temporary.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry(entry));
      out.write(text.getBytes());
    }
    return zip;
  }

  private Program program(Path folder, Path node, Path worker) throws Exception {
    JobSpec.ProgramSpec spec = new JobSpec.ProgramSpec();
    spec.node = archive(node);
    spec.worker = archive(worker);
    return new Program(folder, spec);
  }

  private static Path arrived(Program program, Path zip) throws IOException {
    Path file = program.newFile();
    Files.write(file, Files.readAllBytes(zip));
    return file;
  }

  @Test
  void whatArrivedIsUnpackedOnceAndClosedToOthers() throws Exception {
    Path node = zip("node.zip", "node", "#!/bin/sh\n");
    Path worker = zip("worker.zip", "a/b/worker.mjs", "text");
    Path folder = temporary.resolve("io/tmp/program");
    Program program = program(folder, node, worker);
    program.prepare();
    assertEquals(2, program.missing().size());
    for (Path zip : List.of(node, worker)) program.install(archive(zip), arrived(program, zip));
    assertEquals(List.of(), program.missing());
    assertTrue(Files.isExecutable(program.node()));
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : (Iterable<Path>) all::iterator)
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(one)), one.toString());
    }
    Program again = program(folder, node, worker);
    again.prepare();
    assertEquals(List.of(), again.missing());
    // Another task of the TaskManager was as quick.
    again.install(archive(node), arrived(again, node));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(2, left.count());
    }
  }

  @Test
  void theLibrariesOfARuntimeComeOnlyToJobsThatHaveThem() throws Exception {
    Path node = zip("node.zip", "node", "text");
    Path libraries = zip("runtime.zip", "libopenvino_c.so", "text");
    JobSpec.ProgramSpec spec = new JobSpec.ProgramSpec();
    spec.node = archive(node);
    spec.worker = archive(node);
    Path folder = temporary.resolve("program");
    assertEquals(null, new Program(folder, spec).runtime());
    spec.runtime = archive(libraries);
    Program program = new Program(folder, spec);
    program.prepare();
    assertEquals(3, program.missing().size());
    program.install(spec.runtime, arrived(program, libraries));
    assertEquals("text", Files.readString(program.runtime().resolve("libopenvino_c.so")));
  }

  @Test
  void anotherContentThanWasSubmittedIsNotUnpacked() throws Exception {
    Path node = zip("node.zip", "node", "good");
    Program program = program(temporary.resolve("program"), node, node);
    program.prepare();
    Path evil = zip("evil.zip", "node", "evil");
    assertThrows(IOException.class, () -> program.install(archive(node), arrived(program, evil)));
    assertEquals(2, program.missing().size());
  }

  @Test
  void nothingIsUnpackedOutsideOfItsFolder() throws Exception {
    Path evil = zip("evil.zip", "../../evil", "text");
    Program program = program(temporary.resolve("program"), evil, evil);
    program.prepare();
    assertThrows(IOException.class, () -> program.install(archive(evil), arrived(program, evil)));
    assertFalse(Files.exists(temporary.resolve("evil")));
  }

  @Test
  void aFolderThatOthersCanUseIsRefused() throws Exception {
    Path node = zip("node.zip", "node", "good");
    Path folder = Files.createDirectory(temporary.resolve("open"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThrows(IOException.class, program(folder, node, node)::prepare);
    Path link = Files.createSymbolicLink(temporary.resolve("link"), temporary);
    assertThrows(IOException.class, program(link, node, node)::prepare);
  }

  @Test
  void aFileComesFromTheJobManagerInPieces() throws Exception {
    Path file = temporary.resolve("file");
    byte[] content = new byte[(1 << 20) + 5];
    content[1 << 20] = 7;
    Files.write(file, content);
    Archives archives = new Archives(Map.of("digest", file.toString()));
    assertEquals(1 << 20, archives.answer(new Piece("digest", 0, null)).bytes.length);
    Piece last = archives.answer(new Piece("digest", 1 << 20, null));
    assertEquals(5, last.bytes.length);
    assertEquals(7, last.bytes[0]);
    Files.delete(file);
    assertEquals(null, archives.answer(new Piece("digest", 0, null)).bytes);
    assertEquals(null, archives.answer(new Piece("other", 0, null)).bytes);
  }
}

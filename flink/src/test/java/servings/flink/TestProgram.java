package servings.flink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What the processes of workers run on, as the command line packs it: but with the Node.js of this machine. */
public final class TestProgram {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String PROCESSOR = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";

  private final Path node;
  private final Path worker;

  private TestProgram(Path node, Path worker) {
    this.node = node;
    this.worker = worker;
  }

  static TestProgram pack() {
    try {
      Path folder = Files.createTempDirectory("program");
      Map<String, Path> files = new TreeMap<>();
      add(files, "", ROOT.resolve("dist/flinkWorker"));
      for (String part : List.of("package.json", "dist", "bin/napi-v6/linux/" + PROCESSOR))
        add(files, "node_modules/onnxruntime-node/" + part, ROOT.resolve("node_modules/onnxruntime-node/" + part));
      for (String part : List.of("package.json", "dist/cjs"))
        add(files, "node_modules/onnxruntime-common/" + part, ROOT.resolve("node_modules/onnxruntime-common/" + part));
      return new TestProgram(node(folder.resolve("node.zip"), "exec node \"$@\""), zip(folder.resolve("worker.zip"), files));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** @param script  what is run in place of Node.js */
  public static Path node(Path zip, String script) throws IOException {
    Path file = Files.createTempFile("node", ".sh");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    return zip(zip, Map.of("node", file));
  }

  private static void add(Map<String, Path> files, String name, Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      files.put(name, path);
      return;
    }
    try (Stream<Path> below = Files.walk(path)) {
      for (Path file : below.filter(Files::isRegularFile).collect(Collectors.toList()))
        files.put((name + "/" + path.relativize(file)).replaceFirst("^/", ""), file);
    }
  }

  private static Path zip(Path zip, Map<String, Path> files) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.setLevel(1);
      for (Map.Entry<String, Path> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        copy(file.getValue(), out);
      }
    }
    return zip;
  }

  private static void copy(Path file, OutputStream out) throws IOException {
    Files.copy(file, out);
  }

  TestProgram withNode(Path other) {
    return new TestProgram(other, worker);
  }

  ObjectNode spec() {
    ObjectNode spec = new ObjectMapper().createObjectNode();
    spec.set("node", archive(node));
    spec.set("worker", archive(worker));
    return spec;
  }

  /** By their digests. */
  Map<String, String> files() {
    return Map.of(digestOf(node), node.toString(), digestOf(worker), worker.toString());
  }

  private static ObjectNode archive(Path zip) {
    ObjectNode archive = new ObjectMapper().createObjectNode();
    return archive.put("shipped", zip.getFileName().toString()).put("sha256", digestOf(zip)).put("bytes", zip.toFile().length());
  }

  private static String digestOf(Path file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return String.format("%064x", new BigInteger(1, digest));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }
}

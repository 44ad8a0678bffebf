package servings.flink.install;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import servings.flink.JobSpec;

/** Archives as the command line uploads them, in a folder of a test. */
public final class TestArchives {
  private final Path folder;
  private final Map<String, String> files = new HashMap<>();

  public TestArchives(Path folder) {
    this.folder = folder;
  }

  /** @param texts  the content of each file by its name */
  public JobSpec.Archive add(String name, Map<String, String> texts) throws IOException {
    Path zip = folder.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Map.Entry<String, String> text : texts.entrySet()) {
        out.putNextEntry(new ZipEntry(text.getKey()));
        out.write(text.getValue().getBytes());
      }
    }
    JobSpec.Archive archive = new JobSpec.Archive();
    archive.shipped = name;
    archive.sha256 = digestOf(Files.readAllBytes(zip));
    archive.bytes = Files.size(zip);
    files.put(archive.sha256, zip.toString());
    return archive;
  }

  private static String digestOf(byte[] bytes) {
    try {
      return String.format("%064x", new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes)));
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  /** The JobManager's side. */
  public Archives toArchives() {
    return new Archives(files);
  }
}

package servings.flink.install;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.flink.util.FileUtils;
import servings.flink.JobSpec;

/** What worker processes run on, in a folder of this machine that is closed to other users: in it a folder for each archive,
 *  named by its content. */
public final class Program {
  private static final Set<PosixFilePermission> CLOSED = PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> CLOSED_FROM_THE_START =
      PosixFilePermissions.asFileAttribute(CLOSED);
  /** What no job has begun with for so long is removed; a job that needs it after all brings it again. */
  private static final Duration KEPT = Duration.ofDays(30);

  private final Path folder;
  private final JobSpec.ProgramSpec spec;

  /** @param folder  its parent is there */
  Program(Path folder, JobSpec.ProgramSpec spec) {
    this.folder = folder;
    this.spec = spec;
  }

  public Path node() {
    return placeOf(spec.node).resolve("node");
  }

  public Path worker() {
    return placeOf(spec.worker).resolve("worker.mjs");
  }

  /** @return null where no libraries were sent */
  public Path runtime() {
    return spec.runtime == null ? null : placeOf(spec.runtime);
  }

  private Path placeOf(JobSpec.Archive archive) {
    return folder.resolve(archive.sha256);
  }

  /** @throws IOException when others could have put something there: in a folder for temporary files anyone may make one */
  void prepare() throws IOException {
    Files.createDirectories(folder.getParent());
    try {
      Files.createDirectory(folder, CLOSED_FROM_THE_START);
    } catch (FileAlreadyExistsException error) {
      if (!isClosedAndOurs())
        throw new IOException(
            "Permission denied: " + folder + " must be a folder that only the TaskManager's user can use. Remove it.");
    }
    for (JobSpec.Archive archive : spec.archives()) {
      Path place = placeOf(archive);
      if (Files.exists(place)) Files.setLastModifiedTime(place, FileTime.from(Instant.now()));
    }
  }

  private boolean isClosedAndOurs() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) return false;
    if (!Files.getPosixFilePermissions(folder).equals(CLOSED)) return false;
    Path own = Files.createTempFile(folder.getParent(), "own", "");
    try {
      return Files.getOwner(folder).equals(Files.getOwner(own));
    } finally {
      Files.delete(own);
    }
  }

  List<JobSpec.Archive> missing() {
    List<JobSpec.Archive> missing = new ArrayList<>(spec.archives());
    missing.removeIf(archive -> Files.exists(placeOf(archive)));
    return missing;
  }

  Path newFile() throws IOException {
    return Files.createTempFile(folder, "arriving", ".zip");
  }

  /** Unpacks an archive that has come, and removes it. @throws IOException when it is not what was submitted */
  void install(JobSpec.Archive archive, Path file) throws IOException {
    Path unpacked = Files.createTempDirectory(folder, "unpacked", CLOSED_FROM_THE_START);
    try {
      if (!digestOf(file).equals(archive.sha256))
        throw new IOException("What came from the JobManager as " + archive.shipped + " has another content.");
      unpack(file, unpacked);
      putInPlace(unpacked, placeOf(archive));
      removeOld();
    } finally {
      Files.deleteIfExists(file);
      FileUtils.deleteDirectory(unpacked.toFile());
    }
  }

  /** Another task of the TaskManager may have been quicker, at any moment. */
  private static void putInPlace(Path unpacked, Path place) throws IOException {
    try {
      if (!Files.exists(place)) Files.move(unpacked, place);
    } catch (FileSystemException error) {
      if (!Files.exists(place)) throw error;
    }
  }

  private static String digestOf(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] some = new byte[1 << 16];
      for (int count = in.read(some); count >= 0; count = in.read(some)) digest.update(some, 0, count);
      return String.format("%064x", new BigInteger(1, digest.digest()));
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  private static void unpack(Path file, Path into) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path place = into.resolve(entry.getName()).normalize();
        if (!place.startsWith(into)) throw new IOException(entry.getName() + " lies outside of its archive.");
        Files.createDirectories(place.getParent(), CLOSED_FROM_THE_START);
        Files.createFile(place, CLOSED_FROM_THE_START);
        try (OutputStream out = Files.newOutputStream(place)) {
          zip.transferTo(out);
        }
      }
    }
  }

  private void removeOld() throws IOException {
    Instant oldest = Instant.now().minus(KEPT);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) if (isBefore(entry, oldest)) FileUtils.deleteFileOrDirectory(entry.toFile());
    }
  }

  /** @return false for what another task has removed meanwhile */
  private static boolean isBefore(Path entry, Instant time) throws IOException {
    try {
      return Files.getLastModifiedTime(entry).toInstant().isBefore(time);
    } catch (NoSuchFileException error) {
      return false;
    }
  }
}

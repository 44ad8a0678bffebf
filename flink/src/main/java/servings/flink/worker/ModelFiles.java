package servings.flink.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.cache.DistributedCache;
import org.apache.flink.util.FileUtils;

/** A model's folder on a TaskManager, for as long as it may be loaded. Flink brings each file by itself. */
public final class ModelFiles implements AutoCloseable {
  private final Path folder;

  private ModelFiles(Path folder) {
    this.folder = folder;
  }

  /** The name by which Flink's cache knows one of the files. */
  public static String cacheName(int index) {
    return "model-" + index;
  }

  /** @param names  of the files in their folder */
  public static ModelFiles layOut(DistributedCache cache, List<String> names) throws IOException {
    // Several tasks of a TaskManager share the cache's files, and none knows when the others are done with a folder.
    Path beside = cache.getFile(cacheName(0)).toPath().getParent();
    ModelFiles laidOut = new ModelFiles(Files.createTempDirectory(beside, "model"));
    try {
      for (int i = 0; i < names.size(); i++)
        link(laidOut.folder.resolve(names.get(i)), cache.getFile(cacheName(i)).toPath());
      return laidOut;
    } catch (IOException | RuntimeException error) {
      laidOut.close();
      throw error;
    }
  }

  public Path folder() {
    return folder;
  }

  /** Not a symbolic link: ONNX Runtime follows those, and refuses weights that lie outside the model's folder. */
  private static void link(Path place, Path file) throws IOException {
    Files.createDirectories(place.getParent());
    try {
      Files.createLink(place, file);
    } catch (UnsupportedOperationException | IOException error) {
      Files.copy(file, place);
    }
  }

  @Override
  public void close() throws IOException {
    FileUtils.deleteDirectory(folder.toFile());
  }
}

package servings.flink.engine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.cache.DistributedCache;
import org.apache.flink.util.FileUtils;
import servings.flink.JobSpec;

/** A model's files on a TaskManager. Flink brings each one by itself; a model that keeps weights in others wants them in
 *  their places beside it, for as long as it is loaded. */
public final class ModelFiles implements AutoCloseable {
  private final Path model;
  /** null: nothing was laid out. */
  private final Path folder;

  private ModelFiles(Path model, Path folder) {
    this.model = model;
    this.folder = folder;
  }

  /** The name by which Flink's cache knows one of the files. */
  public static String cacheName(int index) {
    return "model-" + index;
  }

  static ModelFiles layOut(DistributedCache cache, JobSpec.ModelSpec spec) throws IOException {
    File first = cache.getFile(cacheName(0));
    List<JobSpec.Upload> files = spec.files;
    if (files == null || files.size() == 1) return new ModelFiles(first.toPath(), null);
    // Several tasks of a TaskManager share the cache's files, and none knows when the others are done with a folder.
    Path folder = Files.createTempDirectory(first.getParentFile().toPath(), "model");
    ModelFiles laidOut = new ModelFiles(folder.resolve(files.get(0).file), folder);
    try {
      for (int i = 0; i < files.size(); i++)
        link(folder.resolve(files.get(i).file), cache.getFile(cacheName(i)).toPath());
      return laidOut;
    } catch (IOException | RuntimeException error) {
      laidOut.close();
      throw error;
    }
  }

  String model() {
    return model.toString();
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
    if (folder != null) FileUtils.deleteDirectory(folder.toFile());
  }
}

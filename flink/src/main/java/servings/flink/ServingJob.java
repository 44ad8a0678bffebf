package servings.flink;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import servings.flink.engine.Inference;
import servings.flink.install.Archives;
import servings.flink.sink.ResultSink;
import servings.flink.source.RecordSource;
import servings.flink.source.Taken;
import servings.flink.worker.Answers;
import servings.flink.worker.ModelFiles;

/** Serves a model on a Flink cluster: stream of records → inference → results, as many side by side as the model has
 *  copies. Runs on the JobManager, where it only puts the parts together. */
public final class ServingJob {
  private static final String MODEL_ENDING = ".onnx";
  /** Names of classes, beside the model. */
  private static final String LABELS = "labels.txt";

  private ServingJob() {}

  public static void main(String[] arguments) throws Exception {
    String text = JobSpec.decode(arguments);
    JobSpec spec = JobSpec.parse(text);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    Map<String, String> archives = new HashMap<>();
    for (JobSpec.Archive archive : spec.program.archives())
      archives.put(archive.sha256, shipped(archive.shipped).getPath());
    build(environment, spec, text, modelFiles(spec.model), archives);
    environment.execute(spec.jobName);
  }

  /** @param model  its files by their names in the model's folder, as Flink's file systems know them
   *  @param archives  files of this machine by their digests */
  static void build(
      StreamExecutionEnvironment environment,
      JobSpec spec,
      String text,
      Map<String, Path> model,
      Map<String, String> archives) {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    // Source, operator and sink share a worker, and hand each other what is no copy.
    configuration.set(PipelineOptions.OPERATOR_CHAINING, true);
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    configuration.set(PipelineOptions.GLOBAL_JOB_PARAMETERS, parameters(spec));
    environment.configure(configuration);
    List<String> names = new ArrayList<>(model.keySet());
    for (int i = 0; i < names.size(); i++)
      environment.registerCachedFile(model.get(names.get(i)).toString(), ModelFiles.cacheName(i));
    environment
        .fromSource(
            new RecordSource(text, new Archives(archives)),
            WatermarkStrategy.noWatermarks(),
            "records of " + spec.jobName,
            TypeInformation.of(Taken.class))
        .setParallelism(spec.parallelism)
        .transform("inference", TypeInformation.of(Answers.class), new Inference(text, names))
        .setParallelism(spec.parallelism)
        .sinkTo(new ResultSink(text))
        .setParallelism(spec.parallelism)
        .name("results of " + spec.jobName);
  }

  /** By these any client maps the job to its config; none of them is a secret. */
  private static Map<String, String> parameters(JobSpec spec) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("jobName", spec.jobName);
    parameters.put("configPath", spec.configPath);
    parameters.put("host", spec.host);
    parameters.put("redisUrl", spec.redis.host + ":" + spec.redis.port);
    return parameters;
  }

  private static Map<String, Path> modelFiles(JobSpec.ModelSpec model) throws IOException, URISyntaxException {
    Map<String, Path> files = new LinkedHashMap<>();
    if (model.files != null) {
      for (JobSpec.Upload file : model.files) files.put(file.file, new Path(shipped(file.shipped).toURI()));
      return files;
    }
    Path path = new Path(model.path);
    FileSystem system = path.getFileSystem();
    if (!system.getFileStatus(path).isDir()) {
      files.put(path.getName(), path);
      return files;
    }
    int models = 0;
    for (FileStatus status : system.listStatus(path)) {
      String name = status.getPath().getName();
      if (name.endsWith(MODEL_ENDING)) models++;
      if (name.endsWith(MODEL_ENDING) || name.equals(LABELS)) files.put(name, status.getPath());
    }
    if (models == 1) return files;
    throw new IOException("model-missing: modelPath " + model.path + " holds " + models + " .onnx files; it must hold one");
  }

  /** The JobManager keeps uploads side by side, each behind a prefix of its own. */
  private static File shipped(String name) throws IOException, URISyntaxException {
    File jar = new File(ServingJob.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    File[] uploads = jar.getParentFile().listFiles((folder, file) -> file.endsWith("_" + name));
    if (uploads == null || uploads.length == 0)
      throw new IOException("model-missing: what was sent along, " + name + ", is not on the JobManager. Start the job again.");
    return uploads[0];
  }
}

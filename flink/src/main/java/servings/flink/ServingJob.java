package servings.flink;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
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
import servings.flink.engine.Answers;
import servings.flink.engine.InferenceOperator;
import servings.flink.engine.ModelFiles;
import servings.flink.sink.ResultSink;
import servings.flink.source.RecordSource;
import servings.flink.source.Taken;

/** Serves a model on a Flink cluster: stream of records → inference → results, as many side by side as the model has
 *  copies. Runs on the JobManager, where it only puts the parts together. */
public final class ServingJob {
  private static final String MODEL_ENDING = ".onnx";

  private ServingJob() {}

  public static void main(String[] arguments) throws Exception {
    String text = JobSpec.decode(arguments);
    JobSpec spec = JobSpec.parse(text);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    build(environment, spec, text, modelFiles(spec.model));
    environment.execute(spec.jobName);
  }

  /** @param model  its files, as Flink's file systems name them */
  static void build(StreamExecutionEnvironment environment, JobSpec spec, String text, List<Path> model) {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    // Source, operator and sink share a worker, and hand each other what is no copy.
    configuration.set(PipelineOptions.OPERATOR_CHAINING, true);
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    configuration.set(PipelineOptions.GLOBAL_JOB_PARAMETERS, parameters(spec));
    environment.configure(configuration);
    for (int i = 0; i < model.size(); i++)
      environment.registerCachedFile(model.get(i).toString(), ModelFiles.cacheName(i));
    environment
        .fromSource(
            new RecordSource(text),
            WatermarkStrategy.noWatermarks(),
            "records of " + spec.jobName,
            TypeInformation.of(Taken.class))
        .setParallelism(spec.modelParallelism)
        .transform("inference", TypeInformation.of(Answers.class), new InferenceOperator(text))
        .setParallelism(spec.modelParallelism)
        .sinkTo(new ResultSink(text))
        .setParallelism(spec.modelParallelism)
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

  private static List<Path> modelFiles(JobSpec.ModelSpec model) throws IOException, URISyntaxException {
    if (model.files != null) {
      List<Path> shipped = new ArrayList<>();
      for (JobSpec.Upload file : model.files) shipped.add(shipped(file.shipped));
      return shipped;
    }
    Path path = new Path(model.path);
    FileSystem files = path.getFileSystem();
    if (!files.getFileStatus(path).isDir()) return List.of(path);
    List<Path> found = new ArrayList<>();
    for (FileStatus file : files.listStatus(path))
      if (file.getPath().getName().endsWith(MODEL_ENDING)) found.add(file.getPath());
    if (found.size() != 1)
      throw new IOException(
          "model-missing: modelPath " + model.path + " holds " + found.size() + " .onnx files; it must hold one");
    return found;
  }

  /** The JobManager keeps uploads side by side, each behind a prefix of its own. */
  private static Path shipped(String name) throws IOException, URISyntaxException {
    File jar = new File(ServingJob.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    File[] uploads = jar.getParentFile().listFiles((folder, file) -> file.endsWith("_" + name));
    if (uploads == null || uploads.length == 0)
      throw new IOException("model-missing: the model that was sent along, " + name + ", is not on the JobManager");
    return new Path(uploads[0].toURI());
  }
}

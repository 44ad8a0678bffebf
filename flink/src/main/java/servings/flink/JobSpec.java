package servings.flink;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** What the job is told by whoever submits it, see FlinkJobSpec in schemas/flinkJob.ts. It travels as text, which each task
 *  reads for itself. */
@JsonIgnoreProperties(ignoreUnknown = true)
public final class JobSpec {
  private static final String STARTED_OTHERWISE = "This job is started by \"cluster-serving start --backend flink\".";

  public String jobName;
  public String jobId;
  /** The name of the job's logger: the lines of all jobs stand in one log. */
  public String logName;
  public String configPath;
  /** The machine that submits. */
  public String host;
  public RedisSpec redis;
  public ModelSpec model;
  public ProgramSpec program;
  /** The parallelism of the job. */
  public int parallelism;
  public int batchSize;
  public long claimIdleMs;
  public long resultTtlSeconds;
  /** What the worker processes get of the job. */
  public JsonNode worker;

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class RedisSpec {
    public String host;
    public int port;
    public int timeoutMs;
    public String username;
    public String password;
    /** null: without encryption. */
    public TlsSpec tls;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class TlsSpec {
    /** PEM; null: those of the Java. */
    public String certificates;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class ModelSpec {
    /** A file, or a folder with one, that Flink's file systems read. */
    public String path;
    /** What the model's folder holds of the model; all were uploaded beside the jar. */
    public List<Upload> files;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Upload {
    /** The name under which it was uploaded. */
    public String shipped;
    /** Its place in the model's folder. */
    public String file;
  }

  /** What worker processes run on: archives that were uploaded beside the jar. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class ProgramSpec {
    /** Holds the file `node`. */
    public Archive node;
    /** Holds the file `worker.mjs`, and what that needs. */
    public Archive worker;
    /** Holds the libraries of what runs the model; null where the worker's archive has them, or the TaskManager. */
    public Archive runtime;

    public List<Archive> archives() {
      return runtime == null ? List.of(node, worker) : List.of(node, worker, runtime);
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Archive {
    /** The name under which it was uploaded. */
    public String shipped;
    /** Of its content, in hexadecimal digits. */
    public String sha256;
    public long bytes;
  }

  /** @throws IllegalArgumentException when it is not what the command line sends */
  public static JobSpec parse(String json) {
    try {
      JobSpec spec = new ObjectMapper().readValue(json, JobSpec.class);
      if (spec == null) throw new IllegalArgumentException(STARTED_OTHERWISE);
      return spec;
    } catch (JsonProcessingException error) {
      throw new IllegalArgumentException(STARTED_OTHERWISE);
    }
  }

  /** @param arguments  one: base64url of the JSON */
  static String decode(String[] arguments) {
    if (arguments.length != 1) throw new IllegalArgumentException(STARTED_OTHERWISE);
    try {
      return new String(Base64.getUrlDecoder().decode(arguments[0]), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException error) {
      throw new IllegalArgumentException(STARTED_OTHERWISE);
    }
  }
}

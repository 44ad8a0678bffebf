package servings.flink;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** What the job is told by whoever submits it: a resolved config, see FlinkJobSpec in schemas/flinkJob.ts. It travels as
 *  text, which each task reads anew. */
@JsonIgnoreProperties(ignoreUnknown = true)
public final class JobSpec {
  public String jobName;
  public String jobId;
  /** The name of the job's logger: the lines of all jobs stand in one log. */
  public String logName;
  public String configPath;
  public String configDigest;
  public String host;
  public RedisSpec redis;
  public ModelSpec model;
  public int modelParallelism;
  public int threadPerModel;
  public int batchSize;
  public int batchTimeoutMs;
  /** "auto": where samples find nothing against it; "on", "off": the config's word. */
  public String batching = "auto";
  public int maxDeliveries;
  public long claimIdleMs;
  public long resultTtlSeconds;
  /** null: pictures keep their size. */
  public ImageSize imageResize;
  /** null: the whole result. */
  public FilterSpec postProcessing;

  public boolean inputAlreadyBatched;

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
    /** The model, then the files that it keeps weights in; all were uploaded beside the jar. */
    public List<Upload> files;

    /** As people know it. */
    public String name() {
      return files == null ? path : files.get(0).file;
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Upload {
    /** The name under which it was uploaded. */
    public String shipped;
    /** Its place in the model's folder. */
    public String file;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class ImageSize {
    public int height;
    public int width;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class FilterSpec {
    public String kind;
    public int n;
  }

  /** @throws IllegalArgumentException when it is not what the command line sends */
  public static JobSpec parse(String json) {
    try {
      return new ObjectMapper().readValue(json, JobSpec.class);
    } catch (JsonProcessingException error) {
      throw new IllegalArgumentException("This job is started by \"cluster-serving start --backend flink\".");
    }
  }

  /** @param argument  the one program argument: base64url of the JSON */
  static String decode(String[] arguments) {
    if (arguments.length != 1)
      throw new IllegalArgumentException("This job is started by \"cluster-serving start --backend flink\".");
    return new String(Base64.getUrlDecoder().decode(arguments[0]), StandardCharsets.UTF_8);
  }
}

import type { KeyName } from '../../../../../schemas/config/configKeys.ts';

/** A Java trace that users of serving jobs meet, and what it means. */
export interface KnownTrace {
  /** Also the name of its example in the tests. */
  readonly id: string;
  readonly pattern: RegExp;
  /** `$1` stands for the pattern's first group. */
  readonly cause: string;
  /** The key of config.yaml to look at, where there is one. */
  readonly key?: KeyName;
  readonly fix: string;
}

/** The first that matches is used, so what is special stands before what is general. */
export const knownTraces: readonly KnownTrace[] = [
  // The cluster
  {
    id: 'no-slots',
    pattern: /NoResourceAvailableException|Slot request bulk is not fulfillable/,
    cause: 'The cluster has too few free slots.',
    key: 'modelParallelism',
    fix: 'Lower it, stop another job, or add TaskManagers.',
  },
  {
    id: 'metaspace',
    pattern: /OutOfMemoryError: Metaspace/,
    cause: "The TaskManager's metaspace is full: a job on it does not let go of its classes.",
    fix: 'Restart the TaskManager, and find the job that was submitted again and again.',
  },
  {
    id: 'direct-memory',
    pattern: /OutOfMemoryError: (?:Cannot reserve .* of direct buffer memory|Direct buffer memory)/,
    cause: "The TaskManager's direct memory is full.",
    fix: 'Raise taskmanager.memory.task.off-heap.size in the configuration of Flink.',
  },
  {
    id: 'heap',
    pattern: /OutOfMemoryError: (?:Java heap space|GC overhead limit exceeded)/,
    cause: "The TaskManager's heap is full.",
    key: 'batchSize',
    fix: 'Lower it, or raise taskmanager.memory.process.size in the configuration of Flink.',
  },
  {
    id: 'native-threads',
    pattern: /unable to create (?:new )?native thread/,
    cause: "The TaskManager's machine lets it make no more threads.",
    key: 'threadPerModel',
    fix: 'Lower it, or raise the limit of processes (ulimit -u, or pids of the container).',
  },
  {
    id: 'no-space',
    pattern: /No space left on device/,
    cause: 'A disk of the cluster is full.',
    fix: 'Free the folder of io.tmp.dirs (/tmp by default) on JobManager and TaskManagers.',
  },
  {
    id: 'heartbeat-timeout',
    pattern: /Heartbeat of TaskManager with id (\S+) timed out/,
    cause: 'The TaskManager $1 stopped answering: killed, out of memory, or cut off.',
    fix: 'Look into its log and whether its process still runs; Flink restarts the job once there are slots.',
  },
  {
    id: 'taskmanager-unreachable',
    pattern: /TaskManager with id (\S+) is no longer reachable/,
    cause: 'The TaskManager $1 has gone.',
    fix: 'Start it again; Flink restarts the job once there are slots.',
  },
  {
    id: 'taskmanager-connection',
    pattern: /(?:Connection unexpectedly closed by|Lost connection to|Error at) remote task manager '?([^\s'.]*)/,
    cause: 'The connection to the TaskManager $1 broke.',
    fix: 'See whether it still runs; Flink restarts the job once there are slots.',
  },
  {
    id: 'taskmanager-shutdown',
    pattern: /The TaskExecutor is shutting down/,
    cause: 'The TaskManager was shut down while the job ran.',
    fix: 'Start it again; Flink restarts the job once there are slots.',
  },
  {
    id: 'blob',
    pattern: /Failed to fetch BLOB|Could not connect to BlobServer/,
    cause: 'A TaskManager could not fetch the jar or the model from the JobManager.',
    fix: 'Let it reach blob.server.port of the JobManager (any port by default; fix one where a firewall is between them).',
  },

  // The jar
  {
    id: 'java-too-old',
    pattern: /UnsupportedClassVersionError/,
    cause: 'The cluster runs a Java that is too old for the jar.',
    fix: 'Run the cluster on Java 11 or 17.',
  },
  {
    id: 'entry-class',
    pattern: /The program's entry point class '([^']*)' (?:was not found|could not be loaded)/,
    cause: 'There is no class $1 in the jar.',
    fix: 'Name the class that has the main method with --class.',
  },
  {
    id: 'no-main',
    pattern: /The class (\S+) has no main\(String\[\]\) method|declares the main method non-static/,
    cause: 'The class $1 has no main method.',
    fix: 'Name the class that has it with --class.',
  },
  {
    id: 'jar-missing',
    pattern: /JAR file does not exist: (\S+)|Jar file (\S+) does not exist/i,
    cause: 'The jar has gone from the cluster or from the path given: $1.',
    fix: 'Start the job again; with --jar, check the path.',
  },
  {
    id: 'flink-mismatch',
    pattern: /(?:NoSuchMethodError|NoClassDefFoundError|AbstractMethodError|NoSuchFieldError)[^\n]*org[./]apache[./]flink/,
    cause: 'The jar was built for another version of Flink than the cluster runs.',
    fix: 'Use a cluster of Flink 1.20, or with --jar a jar that was built for the cluster.',
  },

  // The native library of the model's runtime
  {
    id: 'native-loaded-twice',
    pattern: /UnsatisfiedLinkError: Native Library (\S+) already loaded in another classloader/,
    cause: 'The library $1 is still held by a job that ran on the TaskManager before.',
    fix: 'Restart the TaskManager.',
  },
  {
    id: 'native-libc',
    pattern: /(GLIBC(?:XX)?_[\w.]+)' not found/,
    cause: "The TaskManager's system is older than Node.js and ONNX Runtime need ($1 is missing).",
    fix: 'Run it on a newer Linux, such as Debian 12 or Ubuntu 22.04.',
  },
  {
    id: 'native-musl',
    pattern:
      /\/node: (?:not found|No such file)|error while loading shared libraries: [^\n]*libstdc|UnsatisfiedLinkError[^\n]*(?:ld-linux|libstdc\+\+|libgcc_s)[^\n]*(?:No such file|cannot open)/,
    cause: "The TaskManager's system lacks the libraries that Node.js and ONNX Runtime are built on (Alpine does).",
    fix: 'Run it on a Linux with glibc and libstdc++, such as Debian or Ubuntu.',
  },
  {
    id: 'native-processor',
    pattern: /\/node: (?:[^\n]*Exec format error|cannot execute binary file)/,
    cause: 'The TaskManager has another kind of processor than the JobManager.',
    fix: 'Run both on machines of one kind, x64 or arm64.',
  },
  {
    id: 'native-noexec',
    pattern: /(\S*)\/node: Permission denied/,
    cause: "The TaskManager's disk lets no programs run in $1.",
    fix: 'Set io.tmp.dirs in the configuration of Flink to a folder where they may (not mounted with noexec).',
  },
  {
    id: 'process-killed',
    pattern: /worker's process \d+ ended by signal 9/,
    cause: "The system killed the worker's process, most often for want of memory.",
    fix: 'Give the machine or the container of the TaskManager more memory beyond taskmanager.memory.process.size, or lower modelParallelism.',
  },

  // The model
  {
    id: 'onnx-broken',
    pattern: /Protobuf parsing failed|INVALID_PROTOBUF/i,
    cause: 'The model file is damaged, or no ONNX model.',
    key: 'modelPath',
    fix: 'Copy or export it again.',
  },
  {
    id: 'onnx-version',
    pattern:
      /(Unsupported model IR version: \d+|under development and support for this is limited|only \*guarantees\* support for models stamped with official released onnx opset versions)/,
    cause: 'The model was exported in a newer form than ONNX Runtime here can read.',
    key: 'modelPath',
    fix: 'Export it with an older opset (17, say).',
  },
  {
    id: 'onnx-operator',
    pattern: /(?:NOT_IMPLEMENTED[^\n]*Could not find an implementation for|is not a registered function\/op:?) ?([\w.]*)/,
    cause: 'The model uses an operator that ONNX Runtime does not have: $1.',
    key: 'modelPath',
    fix: 'Export it with standard operators only.',
  },
  {
    id: 'onnx-missing',
    pattern: /ORT_NO_SUCHFILE|Load model [^\n]*File doesn't exist/,
    cause: 'The TaskManager does not see the model file.',
    key: 'modelPath',
    fix: 'Let it name a folder that exists on the machine where "start" is run; it is sent along then.',
  },
  {
    id: 's3-denied',
    pattern: /Status Code: 403|S3Exception[^\n]*(?:403|AccessDenied)/,
    cause: 'The store refuses to give out the model.',
    key: 'modelPath',
    fix: 'Give the cluster the credentials (s3.access-key, s3.secret-key in the configuration of Flink, or a role).',
  },
  {
    id: 'file-system-hadoop',
    pattern: /Hadoop is not in the classpath\/dependencies|Cannot support file system for 'hdfs'/,
    cause: 'The cluster has no Hadoop, so it cannot read hdfs: paths.',
    key: 'modelPath',
    fix: 'Set HADOOP_CLASSPATH where the cluster is started, or name a folder of this machine.',
  },
  {
    id: 'file-system-scheme',
    pattern: /Could not find a file system implementation for scheme '([^']+)'/,
    cause: 'The cluster has no file system for $1: paths.',
    key: 'modelPath',
    fix: "Put Flink's plugin for it into the cluster's plugins folder, or name a folder of this machine.",
  },
  {
    id: 'path-empty',
    pattern: /Can not create a Path from an empty string/,
    cause: 'No model is named.',
    key: 'modelPath',
    fix: 'Set it to the folder that holds the model.',
  },
  {
    id: 'no-model',
    pattern: /There is no model detected in your directory/,
    cause: 'The folder holds no model that the job knows.',
    key: 'modelPath',
    fix: 'Name the folder that holds the model; the TaskManagers must see it under the same path.',
  },
  {
    id: 'two-models',
    pattern: /Only one model is allowed to exist in model folder/,
    cause: 'The folder holds several models.',
    key: 'modelPath',
    fix: 'Leave one in it.',
  },
  {
    id: 'invalid-config',
    pattern: /Invalid configuration, please check type regulations in config file/,
    cause: 'A value of config.yaml has the wrong type.',
    fix: 'Run "cluster-serving lint"; it shows the line.',
  },
  {
    id: 'model-loading',
    pattern: /Model loading failed|load model failed/i,
    cause: 'The job could not load the model.',
    key: 'modelPath',
    fix: 'See that the folder holds one whole model, and that the TaskManagers see it under the same path.',
  },
  {
    id: 's3-bucket',
    pattern: /NoSuchBucket|specified bucket does not exist/,
    cause: 'The bucket does not exist.',
    key: 'modelPath',
    fix: "Correct its name, or the endpoint in the cluster's config.",
  },
  {
    id: 'file-missing',
    pattern: /(?:FileNotFoundException|NoSuchFileException|File does not exist):? (?:No such file or directory: )?(\S+)/,
    cause: 'The cluster does not see the file $1.',
    key: 'modelPath',
    fix: 'Put it where JobManager and TaskManagers see it under this path, or name a folder of this machine.',
  },
  {
    id: 'permission',
    pattern: /(?:AccessDeniedException|Permission denied)[: ]*([^\s()]*)/,
    cause: 'The user of the TaskManager may not use $1.',
    fix: 'Give that user the right, or set io.tmp.dirs in the configuration of Flink to a folder it may write.',
  },

  // Redis
  {
    id: 'redis-password-missing',
    pattern: /NOAUTH/,
    cause: 'Redis asks for a password.',
    key: 'redisPassword',
    fix: 'Set it.',
  },
  {
    id: 'redis-password-wrong',
    pattern: /WRONGPASS|ERR invalid password/,
    cause: 'Redis refuses the user or the password.',
    key: 'redisPassword',
    fix: 'Correct it, or redisUsername.',
  },
  {
    id: 'redis-permission',
    pattern: /NOPERM ([^\n]*)/,
    cause: 'The Redis user may not do what the job needs: $1.',
    key: 'redisUsername',
    fix: 'Give the user the rights on the stream, its results and "cluster-serving:*", or name another.',
  },
  {
    id: 'redis-full',
    pattern: /OOM command not allowed when used memory > '?maxmemory/,
    cause: 'Redis has reached its maxmemory.',
    key: 'redisMaxMemory',
    fix: 'Raise it, or let clients read their results.',
  },
  {
    id: 'redis-no-group',
    pattern: /NOGROUP/,
    cause: 'The stream or its consumer group was removed while the job ran.',
    key: 'jobName',
    fix: 'Start the job again; what was in the stream is gone.',
  },
  {
    id: 'redis-wrong-type',
    pattern: /WRONGTYPE/,
    cause: 'The name of the job is taken in Redis by something that is no stream.',
    key: 'jobName',
    fix: 'Choose another.',
  },
  {
    id: 'redis-replica',
    pattern: /READONLY You can't write against a read only replica/,
    cause: 'That Redis is a replica, which takes no writes.',
    key: 'redisUrl',
    fix: 'Name its master.',
  },
  {
    id: 'redis-loading',
    pattern: /LOADING Redis is loading the dataset/,
    cause: 'Redis is still loading its data.',
    fix: 'Start the job again in a while.',
  },
  {
    id: 'redis-cluster',
    pattern: /(?:JedisDataException|JedisMovedDataException|RedisCommandExecutionException): (?:MOVED|ASK|CROSSSLOT)/,
    cause: 'That Redis is a cluster of several; jobs need a single one.',
    key: 'redisUrl',
    fix: 'Name a Redis without cluster mode.',
  },
  {
    id: 'redis-tls',
    pattern: /SSLHandshakeException|PKIX path building failed|Unsupported or unrecognized SSL message/,
    cause: 'The TLS connection to Redis failed.',
    key: 'redisSecureTrustStorePath',
    fix: 'See that the trust store holds the certificate of Redis, and that Redis speaks TLS on this port.',
  },
  {
    id: 'redis-host',
    pattern: /UnknownHostException: ([^\s:]+)/,
    cause: 'The TaskManager does not know the host $1.',
    key: 'redisUrl',
    fix: 'Use a name or address that is known on the machines of the cluster.',
  },
  {
    id: 'redis-timeout',
    pattern: /(?:JedisConnectionException|SocketTimeoutException|RedisCommandTimeoutException)[^\n]*(?:timed out|timeout)/i,
    cause: 'Redis did not answer the TaskManager in time.',
    key: 'redisTimeout',
    fix: 'See whether a firewall is between them, or raise it.',
  },
  {
    id: 'redis-refused',
    pattern: /(?:JedisConnectionException|RedisConnectionException|ConnectException)[^\n]*(?:Connection refused|Failed to connect|Failed connecting|Unable to connect)/,
    cause: 'The TaskManager finds no Redis there: "localhost" is its own machine, not yours.',
    key: 'redisUrl',
    fix: 'Use an address that every TaskManager reaches, and let Redis listen on it.',
  },

  // What names no cause of its own
  {
    id: 'main-null',
    pattern: /The main method caused an error: null/,
    cause: 'The jar ended at once without a reason; the original does so when it cannot use its config or its model.',
    key: 'modelPath',
    fix: 'Run "cluster-serving doctor", and see that the machine of the JobManager has config and model under the same paths.',
  },
];

/** What a worker says of the machine that it is on, in words for people. */
const ownErrors = /\b(?:runtime-missing|model-pickled|model-unsupported): (?<message>[^\n]+)/;

/** One line for a person: what happened, the key to look at, what to do. An unknown trace is reported by its
 *  innermost cause. */
export function explainTrace(trace: string): string {
  const own = ownErrors.exec(trace)?.groups?.message;
  if (own !== undefined) return own;
  for (const { pattern, cause, key, fix } of knownTraces) {
    const match = pattern.exec(trace);
    if (!match) continue;
    const group = match.slice(1).join('');
    const text = cause.replace('$1', () => group.trim().replace(/[.,:;']+$/, '') || 'one of them');
    return `${text} ${key === undefined ? fix : `${key}: ${fix}`}`;
  }
  return innermostCause(trace);
}

/** Frames and the count of frames left out say nothing to who reads one line. */
function innermostCause(trace: string): string {
  const lines = trace
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:at |\.\.\. \d+ |Suppressed: )/.test(line));
  const causes = lines.filter((line) => line.startsWith('Caused by: '));
  const line = causes.at(-1)?.slice('Caused by: '.length) ?? lines[0] ?? 'Flink names no reason.';
  return line.slice(0, 300);
}

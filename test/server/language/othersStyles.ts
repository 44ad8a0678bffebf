/** Files of other programs that happen to have keys of config.yaml, in the values and among the keys of those programs. */
interface Style {
  readonly name: string;
  /** Keys that the program shares with config.yaml, with its own values. */
  readonly shared: readonly string[];
  /** Its other keys; every file has two of them at least. */
  readonly others: readonly string[];
}

const styles: readonly Style[] = [
  {
    name: 'a training tool',
    shared: ['modelPath: ./checkpoints/best.ckpt', 'batchSize: 32', 'jobName: finetune', 'runtime: cuda', 'backend: nccl'],
    others: ['learningRate: 0.001', 'epochs: 10', 'optimizer: adamw', 'seed: 42', 'num_workers: 4', 'gradClip: 1.0'],
  },
  {
    name: 'a training tool, in sections',
    shared: ['model:\n  path: ./out\n  name: bert', 'data:\n  src: data/train.csv\n  type: csv', 'params:\n  batch_size: 32\n  top_n: 5', 'log:\n  summary: 10'],
    others: ['optim:\n  lr: 0.01', 'trainer:\n  gpus: 2', 'callbacks:\n  early_stop: 3', 'eval:\n  every: 5'],
  },
  {
    name: 'a ranking service',
    shared: ['modelPath: /mnt/wnd', 'modelParallelism: 4', 'redisUrl: localhost:6379'],
    others: ['savedModelInputs: a:0, b:0', 'servicePort: 8083', 'monitorPort: 8084', 'featureServiceURL: localhost:8082', 'indexPath: /idx', 'topK: 10'],
  },
  {
    name: 'a Spark job',
    shared: ['jobName: nightly-score', 'redisUrl: redis:6379', 'kafkaUrl: broker:9092', 'modelPath: hdfs:///models/als'],
    others: ['master: yarn', 'deployMode: cluster', 'executorMemory: 4g', 'inputPath: hdfs:///in', 'outputPath: hdfs:///out', 'mainClass: org.example.Score', 'checkpointDir: /ck'],
  },
  {
    name: 'a chart',
    shared: ['modelPath: {{ .Values.modelPath }}', 'jobName: {{ .Release.Name }}', 'redisUrl: "{{ .Values.redis.host }}:6379"', 'redisPassword: {{ .Values.password | quote }}'],
    others: ['apiVersion: v1', 'kind: ConfigMap', 'metadata:\n  name: {{ .Release.Name }}', 'replicas: {{ .Values.replicas }}'],
  },
  {
    name: 'the values of a chart',
    shared: ['modelPath: /models/resnet', 'redisUrl: redis:6379', 'jobName: serving', 'redis:\n  timeout: 5000\n  enabled: true', 'redisPassword: changeme'],
    others: ['replicaCount: 2', 'image:\n  repository: serving\n  tag: "1"', 'service:\n  port: 80', 'nodeSelector: {}', 'resources:\n  limits:\n    cpu: 1'],
  },
  {
    name: 'a web application',
    shared: ['redisUrl: redis://cache:6379/0', 'redisPassword: secret', 'redisTimeout: 3000', 'batchSize: 100', 'backend: postgres'],
    others: ['port: 8080', 'logLevel: info', 'databaseUrl: postgres://db', 'corsOrigins: ["*"]', 'sessionTtl: 3600'],
  },
  {
    name: 'an inference server of another kind',
    shared: ['modelPath: ./llama.gguf', 'batchSize: 512', 'runtime: llamacpp', 'batching: dynamic', 'labelResults: true'],
    others: ['contextLength: 4096', 'gpuLayers: 35', 'threads: 8', 'temperature: 0.7', 'host: 0.0.0.0'],
  },
]; // prettier-ignore

/** @returns  every choice of one to three shared keys, before, between and after two or three others */
export function othersFiles(): { readonly name: string; readonly text: string }[] {
  return styles.flatMap(({ name, shared, others }) =>
    choices(shared, 3).flatMap((chosen, i) =>
      [0, 1, 2].map((at) => {
        const rest = rotated(others, i + at).slice(0, Math.max(2, chosen.length));
        const lines = [...rest.slice(0, at), ...chosen, ...rest.slice(at)];
        return { name: `${name} ${i}.${at}`, text: `${lines.join('\n')}\n` };
      }),
    ),
  );
}

/** Every choice of 1 to `most` of the items, in their order. */
function choices<Item>(items: readonly Item[], most: number): Item[][] {
  if (most === 0) return [];
  return items.flatMap((item, i) => [
    [item],
    ...choices(items.slice(i + 1), most - 1).map((rest) => [item, ...rest]),
  ]);
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

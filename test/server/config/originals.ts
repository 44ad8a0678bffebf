/** The forms that the config of the original had over the years, oldest first, each with all of its keys. A value that is
 *  in parentheses here stands in the shipped file as an empty one. */
const generations: readonly (readonly string[])[] = [
  ['model:', '  path: /opt/work/model/', 'data:', '  src: (localhost:6379)', '  image_shape: (3, 224, 224)', 'params:', '  batch_size: (4)', '  top_n: (1)', 'spark:', '  master: (local[*])', '  driver_memory: 16g', '  executor_memory: 128g', '  num_executors: (1)', '  executor_cores: (4)', '  total_executor_cores: (4)'],
  ['model:', '  path: resources', 'data:', '  src: localhost:6379', '  shape: 3,224,224', 'params:', '  batch_size: 16', '  engine_type: mkldnn', '  top_n: 5', 'log:', '  error: (y)', '  summary: (n)', 'spark:', '  master: local[*]', '  executor_cores: 1'],
  ['model:', '  path: /opt/work/model', '  inputs: (a:0)', '  outputs: (b:0)', 'data:', '  src: (localhost:6379)', '  data_type: (image)', '  image_shape: (3,224,224)', '  tensor_shape: ([[1],[2,1,2]])', '  filter: (topN(1))', 'params:', '  batch_size: (4)', '  performance_mode: (OFF)', 'spark:', '  master: local[*]', '  driver_memory: (4g)'],
  ['model:', '  path: model', '  mode: (single)', '  inputs: (a)', '  outputs: (b)', 'data:', '  src: (localhost:6379)', '  shape: [3,224,224]', '  filter: (topN(5))', 'params:', '  core_number: (4)', '  performance_mode: (OFF)', 'redis:', '  maxmem: (4g)', 'secure:', '  secure_enabled: (no)', '  secure_trust_store_path: (/t.jks)', '  secure_struct_store_password: (123456)', 'spark:', '  master: (local[*])'],
  ['model:', '  path: /opt/work/model', '  batch_disabled: (false)', 'data:', '  src: (localhost:6379)', '  type: (image)', '  resize: (true)', 'params:', '  core_num: (4)', 'redis:', '  maxmem: (4g)', 'flink:', '  rest: (localhost:8081)'],
  ['model:', '  path: /models/resnet', '  name: (serving2)', 'data:', '  src: (localhost:6379)', '  filter: (topN(5))', 'params:', '  core_number: (4)', '  model_number: (2)', '  performance_mode: (OFF)', 'flink:', '  rest: (localhost:8081)', 'redis:', '  maxmem: (8g)', '  timeout: 5000', 'secure:', '  secure_enabled: (false)', '  secure_trust_store_path: (/work/keys/keystore.jks)', '  secure_struct_store_password: (1234qwer)', '  model_encrypted: (false)'],
  ['model:', '  path: /models/resnet', '  name: (serving2)', 'data:', '  src: (localhost:6379)', '  batched: (true)', 'params:', '  core_number: (4)', 'secure:', '  model_encrypted: (false)', '  record_encrypted: (false)'],
  ['modelPath: /path/to/model', 'jobName: (serving2)', 'postProcessing: (topN(5))', 'dataAlreadyBatched: (true)', 'coreNumberPerMachine: (4)', 'modelParallelism: (2)', 'threadPerModel: (2)', 'performance_mode: (OFF)', 'flinkRestUrl: (localhost:8081)', 'redisUrl: (localhost:6379)', 'redisMaxmemory: (8g)', 'redisTimeout: (5000)', 'secureEnabled: (false)', 'secureTrustStorePath: (/t)', 'secureStructStorePassword: (123456)', 'modelEncrypted: (false)'],
  ['modelPath: /path/to/model', 'inputAlreadyBatched: true', 'modelParallelism: 2'],
  ['modelPath: /path/to/model', 'jobName: stream-1', 'flinkRestUrl: localhost:8082', 'redisUrl: 172.16.0.200:36379', 'redisSecureEnabled: (false)', 'redisSecureTrustStorePath: (/t)', 'redisSecureTrustStorePassword: (p)', 'modelEncrypted: (false)', 'recordEncrypted: (false)', 'queueUsed: (redis)', 'kafkaUrl: (localhost:9092)'],
]; // prettier-ignore

const title = '## Analytics-zoo Cluster Serving';

/** The ways in which people have them. */
const styles: Readonly<Record<string, (lines: readonly string[]) => string>> = {
  shipped: (lines) => text([title, '', ...lines.map(emptied)]),
  'without a title': (lines) => text(lines.map(emptied)),
  filled: (lines) => text(lines.map(filled)),
  'filled, with a title': (lines) => text([title, ...lines.map(filled)]),
  'explained line by line': (lines) =>
    text([title, ...lines.flatMap((line) => [`${blanksOf(line)}# default, 4`, emptied(line)])]),
  'with four blanks': (lines) => text(lines.map((line) => filled(line).replace(/^ +/, '    '))),
  'wholly indented': (lines) => text(lines.map((line) => `    ${filled(line)}`)),
  'with tabs after the colon': (lines) => text(lines.map((line) => filled(line).replace(/: +/, ':\t'))),
  'of Windows, with a byte order mark': (lines) =>
    `\uFEFF${text(lines.map(filled)).replaceAll('\n', '\r\n')}`,
  'as a second name of the product has it': (lines) => text(['# BigDL Cluster Serving Config Example', ...lines.map(emptied)]),
}; // prettier-ignore

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function blanksOf(line: string): string {
  return /^ */.exec(line)?.[0] ?? '';
}

function emptied(line: string): string {
  return line.replace(/\(.*\)$/, '').trimEnd();
}

function filled(line: string): string {
  return line.replace(/\((.*)\)$/, '$1');
}

/** Every generation in every style. */
export const originals: readonly { readonly name: string; readonly text: string }[] = generations.flatMap(
  (lines, i) =>
    Object.entries(styles).map(([style, write]) => ({
      name: `generation ${i + 1}, ${style}`,
      text: write(lines),
    })),
);

import { kafkaMark } from '../../../schemas/kafka/storeName.ts';
import { hostPortText } from '../../../schemas/config/hostPortText.ts';
import type { ConfigFacts } from '../../../schemas/editor/languageMessages.ts';
import type { Env } from '../config/context.ts';
import { choose } from '../config/choose.ts';
import { readConfig, type ReadConfig } from '../config/readConfig.ts';
import { envNames } from '../config/values/env.ts';
import { valueOf } from './configText.ts';
import { recognise } from './recognise/recognise.ts';

/** What a config says, read as `start` reads it, also where it has errors; undefined for a text that is no config or
 *  names no model. @param env  what the job will be started with */
export function configFacts(text: string, env: Env): ConfigFacts | undefined {
  if (recognise(text).kind !== 'config') return undefined;
  const read = readConfig(text, { env });
  if (valueOf(read, 'modelPath') === '') return undefined;
  const { host, port } = valueOf(read, 'redisUrl');
  return {
    jobName: valueOf(read, 'jobName'),
    modelPath: valueOf(read, 'modelPath'),
    redisHost: host,
    redisPort: String(port),
    ...(valueOf(read, 'queueUsed') === 'kafka'
      ? { store: kafkaMark + valueOf(read, 'kafkaUrl').map(hostPortText).join(',') }
      : {}),
    backend: valueOf(read, 'backend'),
    flinkRestUrl: hostPortText(valueOf(read, 'flinkRestUrl')),
    tuning: {
      batchSize: valueOf(read, 'batchSize'),
      threadPerModel: valueOf(read, 'threadPerModel'),
      modelParallelism: valueOf(read, 'modelParallelism'),
      coreNumberPerMachine: valueOf(read, 'coreNumberPerMachine'),
    },
    environment: environmentOf(read),
  };
}

/** Of the values that count; what stands in comments, or where another line counts, is not looked for. */
function environmentOf({ entries }: ReadConfig): readonly string[] {
  const { chosen } = choose(entries);
  const texts = Array.from(chosen.values(), ({ value }) => (value.kind === 'scalar' ? value.text : ''));
  return [...new Set(texts.flatMap(envNames))];
}

import type { HostPort } from '../../../schemas/configKey.ts';
import type { ConfigFacts } from '../../../schemas/languageMessages.ts';
import type { Env } from '../config/context.ts';
import { readConfig } from '../config/readConfig.ts';
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
    backend: valueOf(read, 'backend'),
    flinkRestUrl: addressOf(valueOf(read, 'flinkRestUrl')),
  };
}

function addressOf({ host, port }: HostPort): string {
  return `${host}:${port}`;
}

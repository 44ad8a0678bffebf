import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { anyInputName } from '../../../schemas/queueReports.ts';
import { parseInstances } from '../codec/instances.ts';
import { readNpy } from '../codec/npy.ts';
import { loadPlace } from '../jobs/loadConfig.ts';
import { connectRedis } from '../queue/connectRedis.ts';
import { askAndPrint, type Question } from './ask.ts';
import type { ConfigOption, JsonOption } from './output.ts';

export interface PredictCommand extends ConfigOption, JsonOption {
  readonly input?: string;
  readonly timeout: number;
}

export async function predict(files: readonly string[], options: PredictCommand): Promise<number> {
  const { jobName, redis: address } = loadPlace(options.config);
  const questions = files.flatMap((file) => read(file, options.input ?? anyInputName));
  const redis = await connectRedis(address);
  try {
    return await askAndPrint({ redis, jobName }, questions, options);
  } finally {
    redis.disconnect();
  }
}

function read(file: string, input: string): Question[] {
  const uri = () => randomUUID();
  const name = file === '-' ? 'standard input' : basename(file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new ServingError('wrong-use', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const kind = file === '-' ? '.json' : extname(file).toLowerCase();
  switch (kind) {
    case '.json': {
      const instances = parseInstances(bytes.toString('utf8'));
      return instances.map((inputs, i) => ({
        name: instances.length > 1 ? `${name}[${i}]` : name,
        uri: uri(),
        inputs,
      }));
    }
    case '.npy':
      return [{ name, uri: uri(), inputs: new Map([[input, readNpy(bytes)]]) }];
    case '.png':
    case '.jpg':
    case '.jpeg':
    case '.webp':
      return [
        { name, uri: uri(), inputs: new Map([[input, { kind: 'image', base64: bytes.toString('base64') }]]) },
      ];
    default:
      throw new ServingError(
        'wrong-use',
        `${file}: known are .png, .jpg, .jpeg, .webp, .json and .npy files.`,
      );
  }
}

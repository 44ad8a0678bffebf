import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { ServingError, whyUnreadable } from '../../../schemas/errors.ts';
import { anyInputName } from '../../../schemas/queueReports.ts';
import { parseInstances } from '../codec/instances.ts';
import { readNpy } from '../codec/npy.ts';
import { loadJobAddress } from '../jobs/loadJobAddress.ts';
import { connectRedis } from '../queue/redis/connectRedis.ts';
import { askAndPrint, type Question } from './ask.ts';
import { paint, printJson, type ConfigOption, type JsonOption } from './output.ts';

export interface PredictCommand extends ConfigOption, JsonOption {
  readonly input?: string;
  readonly timeout: number;
}

/** A file that cannot be sent is named, and does not keep the others from being sent. */
export async function predict(files: readonly string[], options: PredictCommand): Promise<number> {
  const { jobName, redis: address } = loadJobAddress(options.config);
  const questions: Question[] = [];
  let unreadable = 0;
  for (const file of files) {
    try {
      questions.push(...read(file, options.input ?? anyInputName));
    } catch (error) {
      if (!(error instanceof ServingError)) throw error;
      unreadable += 1;
      if (options.json) printJson({ name: file, error: error.message });
      else process.stderr.write(`${paint('red', error.message, process.stderr)}\n`);
    }
  }
  // Nothing that was named can be sent.
  if (questions.length === 0) return 2;
  const redis = await connectRedis(address);
  try {
    const code = await askAndPrint({ redis, jobName }, questions, options);
    return unreadable > 0 ? 1 : code;
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
    throw new ServingError('wrong-use', `${file} cannot be read: ${whyUnreadable(error)}.`, { cause: error });
  }
  const kind = file === '-' ? '.json' : extname(file).toLowerCase();
  try {
    return questionsOf(kind);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    throw error.message.startsWith(file) ? error : new ServingError(error.code, `${file}: ${error.message}`);
  }

  function questionsOf(kind: string): Question[] {
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
          {
            name,
            uri: uri(),
            inputs: new Map([[input, { kind: 'image', base64: bytes.toString('base64') }]]),
          },
        ];
      default:
        throw new ServingError(
          'wrong-use',
          `${file}: known are .png, .jpg, .jpeg, .webp, .json and .npy files.`,
        );
    }
  }
}

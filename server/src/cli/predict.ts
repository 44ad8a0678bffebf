import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redisKeys.ts';
import { decodeResult } from '../codec/decodeResult.ts';
import { encodeRecord } from '../codec/encodeRecord.ts';
import { parseInstances } from '../codec/instances.ts';
import { readNpy } from '../codec/npy.ts';
import type { RecordInputs } from '../codec/tensor.ts';
import { loadConfig } from '../jobs/loadConfig.ts';
import { connectRedis } from '../queue/connectRedis.ts';
import { putRecords, readReasons, takeResults } from '../queue/recordClient.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import { paint, print, printJson, type ConfigOption, type JsonOption } from './output.ts';

export interface PredictCommand extends ConfigOption, JsonOption {
  readonly input?: string;
  readonly timeout: number;
}

interface Question {
  readonly name: string;
  readonly uri: string;
  readonly inputs: RecordInputs;
}

/** What a single input is called when nobody says: the engine accepts any name for it. */
const defaultInput = 'input';

export async function predict(files: readonly string[], options: PredictCommand): Promise<number> {
  const { config, folder } = loadConfig(options.config);
  const questions = files.flatMap((file) => read(file, options.input ?? defaultInput));
  const redis = await connectRedis(redisAddress(config, folder));
  try {
    const began = performance.now();
    const records = questions.map(({ uri, inputs }) => ({ uri, data: encodeRecord(inputs) }));
    await putRecords(redis, config.jobName, records);
    const uris = questions.map(({ uri }) => uri);
    const results = await takeResults(redis, config.jobName, uris, options.timeout * 1000);
    const seconds = (performance.now() - began) / 1000;
    const someFailed = [...results.values()].includes(unanswerable);
    const reasons = someFailed ? await readReasons(redis, config.jobName) : new Map<string, string>();
    let failed = 0;
    for (const { name, uri } of questions) {
      const value = results.get(uri);
      if (value === undefined || value === unanswerable) failed += 1;
      if (options.json) printJson({ name, ...readable(value, reasons.get(uri)) });
      else print(`${name}: ${forPeople(value, config.jobName, options.timeout, reasons.get(uri))}`);
    }
    const summary = {
      records: questions.length,
      failed,
      seconds: Number(seconds.toFixed(4)),
      recordsPerSecond: Math.round(questions.length / seconds),
    };
    if (options.json) printJson({ summary });
    else if (questions.length > 1)
      print(`${summary.records} records in ${summary.seconds} s (${summary.recordsPerSecond}/s)`);
    return failed > 0 ? 1 : 0;
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
      return [
        { name, uri: uri(), inputs: new Map([[input, { kind: 'image', base64: bytes.toString('base64') }]]) },
      ];
    default:
      throw new ServingError('wrong-use', `${file}: known are .png, .jpg, .jpeg, .json and .npy files.`);
  }
}

/** A value as JSON shows it: tensors, the filter's list, or null with the reason. */
function readable(value: string | undefined, reason = ''): Record<string, unknown> {
  if (value === undefined) return { error: 'no result in time' };
  if (value === unanswerable) return { error: unanswerable, reason };
  if (value.startsWith('[')) return { filtered: JSON.parse(value) as unknown };
  return { outputs: decodeResult(value).map(({ shape, data }) => ({ shape, data: [...data] })) };
}

const shownValues = 10;

function forPeople(value: string | undefined, jobName: string, seconds: number, reason = ''): string {
  if (value === undefined)
    return paint(
      'red',
      `no result within ${seconds} s. Does the job run? ("cluster-serving status ${jobName}")`,
    );
  if (value === unanswerable) return paint('red', `NaN, for ${reason || 'a reason that is in the log'}`);
  if (value.startsWith('[')) return value;
  return decodeResult(value)
    .map(({ shape, data }) => {
      const best = data.reduce((at, x, i) => (x > (data[at] ?? -Infinity) ? i : at), 0);
      const values = [...data.slice(0, shownValues)].map((x) => x.toPrecision(4)).join(', ');
      return `[${shape.join('×')}] highest at ${best} (${(data[best] ?? NaN).toPrecision(4)}): ${values}${data.length > shownValues ? ', …' : ''}`;
    })
    .join('; ');
}

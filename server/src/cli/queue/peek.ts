import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import type { InputPreview, RecordPreview, Statistics } from '../../../../schemas/queueReports.ts';
import type { ModelFacts } from '../../inspect/describeInput.ts';
import { describeRecord } from '../../inspect/describeRecord.ts';
import type { OpenQueue } from '../../jobs/openQueue.ts';
import { readModel } from '../../queue/registry/jobReports.ts';
import {
  readDeadRecords,
  readPendingRecords,
  readRecord,
  readWaiting,
  type StoredRecord,
} from '../../queue/readQueue.ts';
import { paint, print, printJson, span } from '../output.ts';
import { withQueue, type PageOptions } from './options.ts';

export interface PeekOptions extends PageOptions {
  readonly id?: string;
  readonly waiting?: boolean;
  readonly pending?: boolean;
  readonly dead?: boolean;
}

export async function peek(name: string | undefined, options: PeekOptions): Promise<number> {
  const wanted = [options.id !== undefined, options.waiting, options.pending, options.dead];
  if (wanted.filter(Boolean).length > 1)
    throw new ServingError('wrong-use', 'Say one of --id, --waiting, --pending and --dead.');
  return withQueue(name, options, async (queue) => {
    const { jobName } = queue;
    const stored = await read(queue, options);
    const model = modelFacts(queue, (await readModel(queue.redis, jobName))?.inputs);
    const records = stored.map((record) => describeRecord(jobName, record, model));
    if (options.json) printJson({ jobName, records });
    else if (records.length === 0) print(`"${jobName}" has no such record.`);
    else for (const record of records) show(record);
    return 0;
  });
}

async function read({ redis, jobName }: OpenQueue, options: PeekOptions): Promise<readonly StoredRecord[]> {
  const request = { count: options.count, after: options.after };
  if (options.pending) return readPendingRecords(redis, jobName, request);
  if (options.dead) return readDeadRecords(redis, jobName, request);
  if (options.id === undefined) return readWaiting(redis, jobName, request);
  const record = await readRecord(redis, jobName, options.id);
  if (record) return [record];
  throw new ServingError(
    'record-unknown',
    `"${jobName}" has no record ${options.id}. Answered ones are removed, and old dead letters, too.`,
  );
}

function modelFacts({ config }: OpenQueue, inputs: readonly TensorInfo[] | undefined): ModelFacts {
  return {
    ...(config?.imageResize ? { imageResize: config.imageResize } : {}),
    ...(inputs ? { inputs } : {}),
  };
}

function show({ id, uri, state, pending, dead, bytes, inputs, error }: RecordPreview): void {
  print(`${paint('bold', uri ?? '(no uri)')}  ${state}  ${id}  ${bytes} bytes`);
  if (pending)
    print(
      `  with ${pending.worker ?? pending.consumer} for ${span(pending.idleMs)}, delivery ${pending.deliveries}`,
    );
  if (dead) print(paint('red', `  ${dead.reason}`));
  if (error !== undefined) print(paint('red', `  cannot be decoded: ${error}`));
  for (const input of inputs) print(`  ${input.name}: ${describe(input)}`);
}

function describe(input: InputPreview): string {
  switch (input.kind) {
    case 'tensor':
    case 'sparse': {
      const { kind, dtype, shape, statistics, count, values } = input;
      const rest = count > values.length ? ', …' : '';
      const stored = kind === 'sparse' ? `, sparse, ${count} values` : '';
      return `${dtype}[${shape.join('×')}]${stored}${figures(statistics)}: ${values.map(short).join(', ')}${rest}`;
    }
    case 'text':
      return `text[${input.shape.join('×')}]: ${input.texts.map((text) => JSON.stringify(text)).join(', ')}${input.count > input.texts.length ? ', …' : ''}`;
    case 'image':
      return `${input.format} of ${input.width}×${input.height} pixels, ${input.bytes} bytes; as float32[${input.shape.join('×')}] of blue, green, red${figures(input.statistics)}`;
    case 'undecodable':
      return paint('red', input.error);
  }
}

function figures(statistics: Statistics | undefined): string {
  if (!statistics) return '';
  const { min, max, mean, notFinite } = statistics;
  const odd = notFinite > 0 ? `, ${notFinite} not finite` : '';
  return `, min ${short(min)}, max ${short(max)}, mean ${short(mean)}${odd}`;
}

function short(value: number | string): string {
  if (typeof value === 'string') return value;
  return String(Number(value.toPrecision(5)));
}

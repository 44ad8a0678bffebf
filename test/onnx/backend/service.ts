import { decodeResult } from '../../../server/src/codec/decodeResult.ts';
import { encodedShape } from '../../../server/src/codec/encodeResult.ts';
import { encodeRecord } from '../../../server/src/codec/encodeRecord.ts';
import { decodeTypedResult, encodeTypedRecord } from '../../../server/src/codec/typedForm.ts';
import { createDecoder } from '../../../server/src/engine/records/decodeRecord.ts';
import { createEncoder } from '../../../server/src/engine/records/encodeOutputs.ts';
import { createEngine } from '../../../server/src/engine/engine.ts';
import type { Log } from '../../../server/src/engine/log.ts';
import { createStatistics } from '../../../server/src/engine/statistics.ts';
import type { Model } from '../../../server/src/model/model.ts';
import type { Answer, QueuedRecord } from '../../../server/src/queue/recordQueue.ts';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';
import { toFloat32 } from '../../../server/src/tensor/toFloat32.ts';
import { createMemoryQueue, queued } from '../../support/memoryQueue.ts';
import { differsAtAll, differsFrom, firstDifference } from './compare.ts';

export type Inputs = ReadonlyMap<string, Tensor>;

/** What a client of the one or the other form has got. */
export type Form = 'typed' | 'original';

/** What is wrong with an answer: "nan" where there was none. */
export interface Fault {
  readonly kind: 'nan' | 'wrong';
  readonly what: string;
}

const batchSize = 8;
/** As many records at once, so that a batch forms where the model's rows may share one. */
const together = 3;

const forms: readonly (readonly [record: Form, result: Form])[] = [
  ['typed', 'typed'],
  ['typed', 'original'],
  ['original', 'typed'],
  ['original', 'original'],
];

/** Asks the parts of the engine for the answers to one record, in all forms: alone, where each bit must be the runtime's own,
 *  and several at once.
 *  @param wanted  what the runtime itself answers
 *  @returns what is wrong with the first wrong answer */
export async function tryRecord(
  model: Model,
  inputs: Inputs,
  wanted: readonly Tensor[],
): Promise<Fault | undefined> {
  const service = openService(model);
  try {
    for (const [recordForm, resultForm] of forms) {
      const make = payloadOf(inputs, recordForm);
      if (!make) continue;
      const record = () => queued({ ...make(), wantsTyped: resultForm === 'typed' });
      const alone = await service.ask([record()]);
      const many = await service.ask(Array.from({ length: together }, record));
      const fault =
        faultOf(alone, resultForm, wanted, differsAtAll) ?? faultOf(many, resultForm, wanted, differsFrom);
      if (fault) return { ...fault, what: `${recordForm} record, ${resultForm} result: ${fault.what}` };
    }
    return undefined;
  } finally {
    await service.close();
  }
}

interface Service {
  ask(records: readonly QueuedRecord[]): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

function openService(model: Model): Service {
  const queue = createMemoryQueue();
  let onWrite: () => void = () => undefined;
  const engine = createEngine({
    queue: {
      ...queue,
      async finish(answers) {
        await queue.finish(answers);
        onWrite();
      },
    },
    model,
    decode: createDecoder({
      inputs: model.inputs,
      batched: model.sharing.shared,
      inputAlreadyBatched: false,
      imageResize: undefined,
    }),
    encode: createEncoder(undefined, model.outputs),
    batchSize,
    batchTimeoutMs: 0,
    maxDeliveries: 3,
    statistics: createStatistics(Date.now()),
    log: silent,
  });
  const ended = engine.run();
  return {
    async ask(records) {
      const before = queue.answers.length;
      const written = new Promise<void>((resolve) => {
        onWrite = () => {
          if (queue.answers.length === before + records.length) resolve();
        };
      });
      queue.put(...records);
      await Promise.race([written, ended.then(() => Promise.reject(new Error('the engine has ended')))]);
      return queue.answers.slice(before);
    },
    async close() {
      engine.stop();
      await ended;
    },
  };
}

const silent: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  lost: 0,
  close: () => undefined,
};

/** @returns undefined where the form cannot carry the inputs exactly, or not so that it is known what they are */
function payloadOf(inputs: Inputs, form: Form): (() => Pick<QueuedRecord, 'data' | 'serde'>) | undefined {
  if (form === 'typed') return () => ({ data: encodeTypedRecord(inputs), serde: 'typed' });
  try {
    const data = encodeRecord(
      new Map([...inputs].map(([name, tensor]) => [name, { kind: 'dense', ...tensor }])),
    );
    return () => ({ data, serde: undefined });
  } catch {
    return undefined;
  }
}

function faultOf(
  answers: readonly Answer[],
  form: Form,
  wanted: readonly Tensor[],
  differs: typeof differsFrom,
): Fault | undefined {
  for (const { value, reason } of answers) {
    if (reason !== undefined || value === undefined) return { kind: 'nan', what: reason ?? 'no answer' };
    const found = form === 'typed' ? decodeTypedResult(value as Buffer) : decodeResult(String(value));
    const expected = form === 'typed' ? wanted : originals(wanted);
    const difference = firstDifference(found, expected, differs);
    if (difference) return { kind: 'wrong', what: difference };
  }
  return undefined;
}

/** What a result of the original's form can say of outputs: numbers as float32, and strings only where there are no numbers. */
function originals(outputs: readonly Tensor[]): readonly Tensor[] {
  const numbers = outputs.filter(({ type }) => type !== 'string');
  if (numbers.length === 0) return outputs.map((output) => ({ ...output, shape: readShape(output) }));
  return numbers.map((output) => ({
    type: 'float32',
    shape: readShape(output),
    data: toFloat32(output.type, output.data),
  }));
}

function readShape({ shape, data }: Tensor): readonly number[] {
  return data.length === 0 ? [0] : encodedShape(shape, data.length);
}

import { tableFromIPC } from 'apache-arrow';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { decodeTypedResult, encodeTypedRecord } from '../../server/src/codec/typedForm.ts';
import { replyField, typedFormMark, typedSerde, unanswerable } from '../../schemas/redis/redisKeys.ts';
import { inputs, outputs, type Mlp } from './mlp.ts';
import type { Random } from './random.ts';

/** How a record is written: as the original's Python client does, as its HTTP frontend does, or in the typed form. */
const queueForms = ['arrow', 'json', 'typed', 'typedForBoth'] as const;
export type Form = (typeof queueForms)[number] | 'http';

/** A record whose answer is known before it is sent. */
export interface Question {
  readonly uri: string;
  readonly form: Form;
  /** Fields of the entry beside `uri`; for HTTP the body alone. */
  readonly fields: readonly (string | Buffer)[];
  /** The numbers and the shape that the answer must have; undefined where it must be refused. */
  readonly expected: { readonly data: readonly number[]; readonly shape: readonly number[] } | undefined;
}

/** What an answer is, compared with what it should be. */
export type Verdict = 'right' | 'givenUp' | { readonly wrong: string };

export interface Generator {
  /** For the queue; one in fifty cannot be decoded. */
  forQueue(): Question;
  forHttp(): Question;
}

export function createGenerator(random: Random, mlp: Mlp): Generator {
  let count = 0;

  function good(form: Form): Question {
    count += 1;
    // JSON of the original's frontend is one row; tensors may be a bare row, or carry the batch dimension.
    const rows = form === 'json' || form === 'http' ? 0 : random.between(0, 3);
    const data = Array.from({ length: Math.max(1, rows) * inputs }, () => Math.fround(random.next() * 2 - 1));
    const shape = rows === 0 ? [inputs] : [rows, inputs];
    return {
      uri: `t${count}`,
      form,
      fields: fieldsOf(form, data, shape),
      expected: { data: mlp(data), shape: rows === 0 ? [outputs] : [rows, outputs] },
    };
  }

  /** Cut, of a false shape, or of no form at all. */
  function broken(form: Form): Question {
    const { uri, fields } = good(form);
    const wrongShape = fieldsOf(form === 'json' ? 'arrow' : form, Array<number>(7).fill(1), [7]);
    const damaged = random.pick([
      wrongShape,
      fields.map((part, i) => (fields[i - 1] === 'data' ? part.slice(0, part.length >> 1) : part)),
      ['data', 'no record'],
      ['other', 'field'],
    ]);
    return { uri, form, fields: damaged, expected: undefined };
  }

  return {
    forQueue() {
      const form = random.pick(queueForms);
      return random.next() < 0.02 ? broken(form) : good(form);
    },
    forHttp: () => good('http'),
  };
}

function fieldsOf(form: Form, data: readonly number[], shape: readonly number[]): (string | Buffer)[] {
  const tensor = { type: 'float32', shape, data: Float32Array.from(data) } as const;
  switch (form) {
    case 'arrow':
      return ['data', encodeRecord(new Map([['x', { kind: 'dense', ...tensor }]]))];
    case 'json':
      return ['data', JSON.stringify({ instances: [{ x: data }] }), 'serde', 'stream'];
    case 'http':
      return [JSON.stringify({ instances: [{ x: data }] })];
    case 'typed':
    case 'typedForBoth': {
      const payload = encodeTypedRecord(new Map([['x', tensor]]));
      const reply = form === 'typed' ? [] : [replyField, typedSerde];
      return ['data', payload, 'serde', typedSerde, ...reply];
    }
  }
}

/** Judges what stands in the result of a record of the queue. */
export function judge(question: Question, value: Buffer): Verdict {
  let answer: Numbers | undefined;
  try {
    answer = read(value);
  } catch (error) {
    return { wrong: `not readable: ${String(error)}` };
  }
  if (!question.expected) return answer ? { wrong: 'answered, and is no record' } : 'right';
  return answer ? compare(question.expected, answer) : 'givenUp';
}

/** Judges the body of an answer of `POST /predict`. */
export function judgeHttp({ expected }: Question, body: string): Verdict {
  try {
    const { predictions } = JSON.parse(body) as { predictions: string[] };
    const { value } = JSON.parse(predictions[0] ?? '') as { value: string };
    if (value === unanswerable) return 'givenUp';
    return compare(expected ?? { data: [], shape: [] }, JSON.parse(value) as Numbers);
  } catch (error) {
    return { wrong: `not readable: ${String(error)}: ${body.slice(0, 200)}` };
  }
}

interface Numbers {
  readonly data: readonly number[];
  readonly shape: readonly number[];
}

/** @returns undefined for a record that was given up */
function read(value: Buffer): Numbers | undefined {
  if (value[0] === typedFormMark) {
    const failure = value.subarray(4).toString('latin1').startsWith('{"error":');
    if (failure) return undefined;
    const [output] = decodeTypedResult(value);
    return { data: [...(output?.data as Float32Array)], shape: output?.shape ?? [] };
  }
  const text = value.toString();
  if (text === unanswerable) return undefined;
  const [batch] = tableFromIPC(Buffer.from(text, 'base64')).batches;
  const column = (i: number) => [...(batch?.getChildAt(i) ?? [])] as (number | null)[];
  return {
    data: column(0).map(Number),
    shape: column(1).filter((size) => size !== null),
  };
}

/** The runtime adds up float32, in an order of its own. */
const tolerance = 1e-3;

function compare(expected: Numbers, { data, shape }: Numbers): Verdict {
  if (shape.join() !== expected.shape.join())
    return { wrong: `shape [${shape.join()}] in place of [${expected.shape.join()}]` };
  const at = expected.data.findIndex((value, i) => !(Math.abs(value - (data[i] ?? NaN)) <= tolerance));
  if (data.length === expected.data.length && at < 0) return 'right';
  return { wrong: `${data[at]} in place of ${expected.data[at]} at ${at} of ${data.length}` };
}

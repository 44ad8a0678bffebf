import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dense, record } from './ask.ts';

/** A record for one model, as both engines get it. */
export interface EngineCase {
  readonly name: string;
  /** A folder of test/fixtures/models. */
  readonly model: string;
  readonly imageResize?: { readonly height: number; readonly width: number };
  readonly postProcessing?: { readonly kind: 'topN' | 'pickTopN'; readonly n: number };
  readonly inputAlreadyBatched?: boolean;
  readonly data: string;
  readonly serde?: string;
}

const fixtures = join(import.meta.dirname, '..', 'fixtures');

/** Every payload that was recorded, every element type, image, filter and kind of bad record. */
export function engineCases(): readonly EngineCase[] {
  return [...recorded(), ...typed(), ...images(), ...filtered(), ...several(), ...bad()];
}

function recorded(): EngineCase[] {
  return ['client', 'client-pyarrow26', 'frontend-instance', 'frontend-predict'].flatMap((folder) =>
    readdirSync(join(fixtures, 'wire', folder))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .flatMap((file) => {
        const { entry } = JSON.parse(readFileSync(join(fixtures, 'wire', folder, file), 'utf8')) as {
          entry?: { data?: string; serde?: string };
        };
        if (entry?.data === undefined) return [];
        const isImageFile = file.startsWith('image') || file.startsWith('string-scalar');
        return [
          {
            name: `${folder}/${file}`,
            model: isImageFile ? 'picture' : 'echo',
            ...(isImageFile ? { imageResize: { height: 8, width: 8 } } : {}),
            data: entry.data,
            ...(entry.serde === undefined ? {} : { serde: entry.serde }),
          },
        ];
      }),
  );
}

function typed(): EngineCase[] {
  const values = {
    whole: [1, 0, 1],
    large: [1, -2, 300],
    broken: [0.5, 0, 1],
    wide: [1e-7, 3.5e38, -0],
    'larger than half': [65504, 65519, 65520],
  };
  return ['int64', 'int32', 'float64', 'float16', 'bool'].flatMap((type) =>
    Object.entries(values).map(([name, numbers]) => ({
      name: `${type}, ${name} numbers`,
      model: `echo_${type}`,
      data: record({ x: dense([3], numbers) }),
    })),
  );
}

/** Those that lose nothing: of JPEG files two decoders may differ by a level. */
function images(): EngineCase[] {
  return readdirSync(join(fixtures, 'images'))
    .filter((file) => file.endsWith('.png'))
    .flatMap((file) => {
      const b64 = readFileSync(join(fixtures, 'images', file)).toString('base64');
      return [4, 9].map((side) => ({
        name: `${file} as ${side} x ${side + 2}`,
        model: 'picture',
        imageResize: { height: side, width: side + 2 },
        data: JSON.stringify({ instances: [{ image: { b64 } }] }),
        serde: 'stream',
      }));
    });
}

function filtered(): EngineCase[] {
  const numbers = [1, -2.5, 1e-8, 123456.789, 1e21, 3e-39, 0.1, 16777216, -0, 0.1, 1 / 3, 1e7];
  const data = record({ x: dense([4, 3], numbers) });
  const rest = { model: 'echo', data };
  return [
    { ...rest, name: 'the three largest', postProcessing: { kind: 'topN', n: 3 } },
    { ...rest, name: 'more than there are', postProcessing: { kind: 'topN', n: 100 } },
    { ...rest, name: 'the first rows', postProcessing: { kind: 'pickTopN', n: 3 } },
    {
      name: 'rows of what has none',
      model: 'echo',
      data: record({ x: dense([2], [1, 2]) }),
      postProcessing: { kind: 'pickTopN', n: 2 },
    },
  ];
}

function several(): EngineCase[] {
  const json = (instances: object[]) => JSON.stringify({ instances });
  return [
    {
      name: 'one row',
      model: 'mlp',
      data: record({
        x: dense(
          [64],
          Array.from({ length: 64 }, (_, i) => i / 8),
        ),
      }),
    },
    {
      name: 'two inputs, two outputs',
      model: 'twoInTwoOut',
      data: record({ a: dense([4], [1, 2, 3, 4]), b: dense([5], [5, 6, 7, 8, 9]) }),
    },
    {
      name: 'two inputs the other way round, two rows',
      model: 'twoInTwoOut',
      data: record({
        b: dense([2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        a: dense([2, 4], [8, 7, 6, 5, 4, 3, 2, 1]),
      }),
    },
    { name: 'a fixed batch', model: 'fixedBatch', data: record({ x: dense([3], [1, 2, 3]) }) },
    { name: 'rows of unknown number', model: 'detection', data: record({ x: dense([1, 4], [0, 1, 1, 0]) }) },
    { name: 'instances', model: 'echo', data: json([{ x: [1, 2] }, { x: [3, 4] }]), serde: 'stream' },
    {
      name: 'a tensor with the batch',
      model: 'echo',
      data: record({ x: dense([2, 2], [1, 2, 3, 4]) }),
      inputAlreadyBatched: true,
    },
    {
      name: 'a sparse tensor',
      model: 'echo',
      data: json([
        {
          x: {
            shape: [2, 3],
            data: [1, 2.5],
            indices: [
              [0, 1],
              [1, 2],
            ],
          },
        },
      ]),
      serde: 'stream',
    },
    ...exact(),
    { name: 'true and false', model: 'echo_bool', data: json([{ x: [true, false, true] }]), serde: 'stream' },
  ];
}

/** Numbers that a float32 on the way would change. */
function exact(): EngineCase[] {
  const stream = (model: string, name: string, x: unknown) => ({
    name: `${name}, ${model}`,
    model,
    data: JSON.stringify({ instances: [{ x }] }),
    serde: 'stream',
  });
  const differences = (at: number) => [at, at + 1, -at - 1];
  const sparse = { shape: [3], data: [16777217], indices: [[1]] };
  return ['echo', 'echo_int32', 'echo_int64', 'echo_float64', 'echo_float16'].flatMap((model) => [
    stream(model, 'integers of 25 bits', differences(2 ** 24)),
    stream(model, 'integers of 33 bits', differences(2 ** 32)),
    stream(model, 'integers that may have lost digits', [0.5, 2 ** 53, 1]),
    stream(model, 'an integer and a fraction', [16777217, 0.1, 1]),
    stream(model, 'a sparse integer of 25 bits', sparse),
  ]);
}

function bad(): EngineCase[] {
  const good = record({ x: dense([4], [1, 2, 3, 4]) });
  const stream = (name: string, data: string) => ({ name, model: 'echo', data, serde: 'stream' });
  return [
    { name: 'empty data', model: 'echo', data: '' },
    { name: 'not base64', model: 'echo', data: '%%%not base64' },
    { name: 'not Arrow', model: 'echo', data: 'dGhpcyBpcyBub3QgYXJyb3c=' },
    { name: 'cut in the middle', model: 'echo', data: good.slice(0, good.length / 2) },
    { name: 'cut at the end', model: 'echo', data: good.slice(0, -40) },
    { name: 'a flipped length', model: 'echo', data: good.replace('AAAA', '////') },
    { name: 'another serde', model: 'echo', data: good, serde: 'raw' },
    { name: 'too short a tensor', model: 'mlp', data: record({ x: dense([3], [1, 2, 3]) }) },
    { name: 'a rank too many', model: 'echo', data: record({ x: dense([1, 1, 1], [1]) }) },
    { name: 'an input missing', model: 'twoInTwoOut', data: record({ a: dense([4], [1, 2, 3, 4]) }) },
    {
      name: 'an input too many',
      model: 'echo',
      data: record({ x: dense([1], [1]), y: dense([1], [1]) }),
    },
    stream('not JSON', '{'),
    stream('an empty list', '{"instances":[]}'),
    stream('a ragged list', '{"instances":[{"x":[[1,2],[3]]}]}'),
    stream('a null', '{"instances":[{"x":[1,null]}]}'),
    stream('a text among numbers', '{"instances":[{"x":[1,"2"]}]}'),
    stream('a number beyond float32', '{"instances":[{"x":[1e39]}]}'),
    stream('a number beyond all', '{"instances":[{"x":[1e400]}]}'),
    stream('strings in a sparse tensor', '{"instances":[{"x":{"shape":[1],"data":["1"],"indices":[[0]]}}]}'),
    stream('a key that is a name only', '{"instances":[{"__proto__":[1,2]}]}'),
    stream('a hundred levels', `{"instances":[{"x":${'['.repeat(100)}1${']'.repeat(100)}}]}`),
    stream('instances of unequal shapes', '{"instances":[{"x":[1]},{"x":[1,2]}]}'),
    {
      name: 'an image that is none',
      model: 'picture',
      data: '{"instances":[{"image":"AAAA"}]}',
      serde: 'stream',
    },
  ];
}

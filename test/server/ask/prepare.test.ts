import { expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { parseInstances } from '../../../server/src/codec/instances.ts';
import { checkInputs } from '../../../server/src/http/checkInputs.ts';

const input = (name: string, type: string, ...shape: (number | null)[]): TensorInfo => ({
  name,
  type,
  shape,
});

function check(instance: object, ...inputs: TensorInfo[]): void {
  const [record = new Map()] = parseInstances({ instances: [instance] });
  checkInputs('instances[0]', record, { inputs, outputs: [], batched: true }, false);
}

test.each<[string, object, TensorInfo[]]>([
  ['a row', { a: [1, 2] }, [input('a', 'float32', null, 2)]],
  ['a batch', { a: [[1, 2]] }, [input('a', 'float32', null, 2)]],
  ['another name for a single input', { t: [1, 2] }, [input('a', 'float32', null, 2)]],
  ['texts', { a: ['x', 'y'] }, [input('a', 'string', null, 2)]],
  ['one text', { a: 'x' }, [input('a', 'string', null, 1)]],
  ['small integers', { a: [255] }, [input('a', 'uint8', null, 1)]],
])('%s passes', (_what, instance, inputs) => {
  expect(() => check(instance, ...inputs)).not.toThrow();
});

test.each<[string, string, object, TensorInfo[]]>([
  ['a wrong size', 'instances[0].a', { a: [1] }, [input('a', 'float32', null, 2)]],
  ['a wrong rank', 'instances[0].a', { a: [[[1, 2]]] }, [input('a', 'float32', null, 2)]],
  [
    'a missing input',
    'instances[0]:',
    { a: [1] },
    [input('a', 'float32', null, 1), input('b', 'float32', null, 1)],
  ],
  [
    'an unknown input',
    'instances[0].c',
    { c: [1], a: [1] },
    [input('a', 'float32', null, 1), input('b', 'float32', null, 1)],
  ],
  ['texts for numbers', 'instances[0].a', { a: ['x', 'y'] }, [input('a', 'float32', null, 2)]],
  ['numbers for texts', 'instances[0].a', { a: [1, 2] }, [input('a', 'string', null, 2)]],
  ['a fraction for integers', 'element 1', { a: [1, 1.5] }, [input('a', 'int64', null, 2)]],
  ['an integer out of range', 'element 0', { a: [256] }, [input('a', 'uint8', null, 1)]],
])('%s is refused with its place', (_what, place, instance, inputs) => {
  expect(() => check(instance, ...inputs)).toThrow(place);
});

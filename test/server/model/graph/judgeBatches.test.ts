import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeBatches } from '../../../../server/src/model/graph/judgeBatches.ts';
import { readModel, type GraphModel, type GraphNode } from '../../../../server/src/model/graph/readModel.ts';
import { batchModel, batchModels, bytesOf } from '../../../support/batchModels.ts';

const judge = async (file: string) => judgeBatches((await readModel(bytesOf(file))) as GraphModel);

test('there are enough models of each kind', () => {
  expect(batchModels('mixing').length).toBeGreaterThanOrEqual(20);
  expect(batchModels('rowwise').length).toBeGreaterThanOrEqual(15);
});

test.each(batchModels('mixing'))('%s, whose rows decide over each other, is not proved', async (name) => {
  expect(await judge(batchModel('mixing', name))).toMatchObject({
    kind: expect.not.stringMatching('proved') as string,
    reason: expect.stringMatching(/\w{3}/) as string,
  });
});

test.each(batchModels('rowwise'))('%s, which takes each row by itself, is proved', async (name) => {
  expect(await judge(batchModel('rowwise', name))).toEqual({ kind: 'proved' });
});

test.each([
  ['quantizedHead', 'DynamicQuantizeLinear'],
  ['boxes', 'Compress'],
  ['softmaxOverBatch', 'Softmax'],
  ['inAFunction', 'ReduceMean'],
  ['inABranch', 'ReduceMean'],
  ['timeFirst', 'LSTM'],
  ['queryAndDocuments', '"d"'],
  ['statesBesideRows', '"state"'],
])('the reason against %s names %s', async (name, word) => {
  expect(await judge(batchModel('mixing', name))).toMatchObject({
    kind: 'refuted',
    reason: expect.stringContaining(word) as string,
  });
});

test.each(['mlp', 'echo', 'twoInTwoOut', 'picture', 'joined'])(
  'the model %s of the other tests is proved',
  async (name) => {
    const file = join(import.meta.dirname, '../../../fixtures/models', name, `${name}.onnx`);
    expect(await judge(file)).toEqual({ kind: 'proved' });
  },
);

interface Drawn {
  readonly node: Partial<GraphNode> & { readonly operator: string };
  readonly dims?: readonly (number | string | null)[];
  readonly out?: readonly (number | string | null)[];
  readonly opset?: number;
  readonly constants?: Readonly<Record<string, { dims: number[]; values?: number[] }>>;
}

/** A model of one node, x → y. */
function draw({ node, dims = ['N', 4], out = [null], opset = 17, constants = {} }: Drawn): GraphModel {
  const whole: GraphNode = {
    name: '',
    domain: '',
    overload: '',
    inputs: ['x', ...Object.keys(constants)],
    outputs: ['y'],
    attributes: new Map(),
    ...node,
  };
  return {
    opsets: new Map([
      ['', opset],
      ['com.microsoft', 1],
    ]),
    functions: [],
    graph: {
      nodes: [whole],
      initializers: new Map(Object.entries(constants)),
      inputs: [{ name: 'x', isTensor: true, dims }],
      outputs: [{ name: 'y', isTensor: true, dims: out }],
    },
  };
}

const attributes = (of: Readonly<Record<string, number>>) =>
  new Map(Object.entries(of).map(([name, int]) => [name, { int }]));

test.each<[string, Drawn, string]>([
  [
    'an axis from the end that is the batch',
    { node: { operator: 'Softmax', attributes: attributes({ axis: -2 }) } },
    'refuted',
  ],
  ['the default axis of version 13', { node: { operator: 'Softmax' }, dims: ['N', 3, 4] }, 'proved'],
  [
    'the default axis of version 11',
    { node: { operator: 'Softmax' }, dims: ['N', 3, 4], opset: 11 },
    'proved',
  ],
  ['a sum without axes', { node: { operator: 'ReduceSum' } }, 'refuted'],
  [
    'a sum over nothing',
    { node: { operator: 'ReduceSum', attributes: attributes({ noop_with_empty_axes: 1 }) } },
    'proved',
  ],
  [
    'a sum over its own axis',
    { node: { operator: 'ReduceSum' }, constants: { axes: { dims: [1], values: [1] } } },
    'proved',
  ],
  [
    'a sum over an axis that is not known',
    { node: { operator: 'ReduceSum' }, constants: { axes: { dims: [1] } } },
    'unknown',
  ],
  ['the default axis of ArgMax', { node: { operator: 'ArgMax' } }, 'refuted'],
  [
    'a concatenation with weights for one row',
    { node: { operator: 'Concat', attributes: attributes({ axis: 1 }) }, constants: { w: { dims: [1, 2] } } },
    'refuted',
  ],
  [
    'weights for each place in the batch',
    { node: { operator: 'Add' }, constants: { w: { dims: [3, 4] } } },
    'refuted',
  ],
  ['weights for all rows', { node: { operator: 'Add' }, constants: { w: { dims: [1, 4] } } }, 'proved'],
  [
    'weights of more axes than the rows',
    { node: { operator: 'Add' }, constants: { w: { dims: [2, 1, 4] } } },
    'refuted',
  ],
  [
    'padding of the batch',
    { node: { operator: 'Pad' }, constants: { pads: { dims: [4], values: [1, 0, 0, 0] } } },
    'refuted',
  ],
  [
    'a scale for each place in the batch',
    {
      node: { operator: 'QuantizeLinear', attributes: attributes({ axis: 0 }) },
      constants: { s: { dims: [3] } },
    },
    'refuted',
  ],
  [
    'a reshape to one row',
    { node: { operator: 'Reshape' }, constants: { s: { dims: [2], values: [1, 4] } } },
    'refuted',
  ],
  [
    'a reshape that keeps the rows',
    { node: { operator: 'Reshape' }, constants: { s: { dims: [3], values: [0, 2, 2] } } },
    'proved',
  ],
  [
    'a reshape that lays two rows together',
    { node: { operator: 'Reshape' }, constants: { s: { dims: [2], values: [-1, 8] } } },
    'unknown',
  ],
  [
    'a reshape that halves the rows',
    { node: { operator: 'Reshape' }, constants: { s: { dims: [2], values: [-1, 2] } } },
    'refuted',
  ],
  ['an operator that is not known', { node: { operator: 'Nobody', domain: 'com.microsoft' } }, 'unknown'],
  ['a known name in a foreign set', { node: { operator: 'Relu', domain: 'foreign' } }, 'unknown'],
  [
    'an unknown operator and an output of another size',
    { node: { operator: 'Nobody' }, out: ['M', 4] },
    'refuted',
  ],
  [
    'an unknown operator and an output of a fixed size',
    { node: { operator: 'Nobody' }, out: [3, 4] },
    'refuted',
  ],
  [
    'an output of another name, where the operators say that it is the batch',
    { node: { operator: 'Relu' }, out: ['M', 4] },
    'proved',
  ],
  ['a fixed batch', { node: { operator: 'Relu' }, dims: [1, 4] }, 'refuted'],
  ['a batch that is named twice', { node: { operator: 'Relu' }, dims: ['N', 'N'] }, 'refuted'],
  ['a single number', { node: { operator: 'Relu' }, dims: [] }, 'refuted'],
  [
    'an output that is not made of the input',
    { node: { operator: 'Relu', inputs: ['w'] }, constants: { w: { dims: [4] } } },
    'refuted',
  ],
  ['an output that no node makes', { node: { operator: 'Relu', outputs: ['z'] } }, 'unknown'],
])('%s', (_, drawn, kind) => {
  expect(judgeBatches(draw(drawn)).kind).toBe(kind);
});

test('a function of the model comes before an operator of the same name', () => {
  const model = draw({ node: { operator: 'Relu' } });
  const own = draw({
    node: {
      operator: 'ReduceMean',
      inputs: ['a'],
      outputs: ['b'],
      attributes: new Map([['axes', { ints: [0] }]]),
    },
  });
  const functions = [
    {
      name: 'Relu',
      domain: '',
      overload: '',
      inputs: ['a'],
      outputs: ['b'],
      nodes: own.graph.nodes,
      opsets: new Map([['', 17]]),
      defaults: new Map(),
    },
  ];
  expect(judgeBatches({ ...model, functions }).kind).toBe('refuted');
});

test('sizes that are computed of themselves over and over do not grow without end', () => {
  const node = (operator: string, inputs: string[], output: string): GraphNode => ({
    name: '',
    domain: '',
    overload: '',
    operator,
    inputs,
    outputs: [output],
    attributes: new Map(),
  });
  const model = draw({ node: { operator: 'Relu' } });
  const steps = Array.from({ length: 100 }, (_, i) => [
    node('Add', [`s${i}`, `s${i}`], `a${i}`),
    node('Mul', [`a${i}`, `a${i}`], `s${i + 1}`),
  ]);
  const nodes = [node('Shape', ['x'], 's0'), ...steps.flat(), node('Reshape', ['x', 's100'], 'y')];
  expect(judgeBatches({ ...model, graph: { ...model.graph, nodes } }).kind).toBe('unknown');
});

test('functions that call each other more and more are given up', () => {
  const model = draw({ node: { operator: 'f0', domain: 'local' } });
  const [call] = model.graph.nodes;
  const functions = Array.from({ length: 15 }, (_, i) => ({
    name: `f${i}`,
    domain: 'local',
    overload: '',
    inputs: ['x'],
    outputs: ['y'],
    nodes: Array.from({ length: 10 }, (_unused, k) => ({
      ...(call as GraphNode),
      operator: `f${i + 1}`,
      inputs: [k === 0 ? 'x' : `z${k - 1}`],
      outputs: [k === 9 ? 'y' : `z${k}`],
    })),
    opsets: new Map([['', 17]]),
    defaults: new Map(),
  }));
  expect(judgeBatches({ ...model, functions }).kind).toBe('unknown');
});

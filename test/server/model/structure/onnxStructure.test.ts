import { expect, test } from 'vitest';
import type { Graph, GraphModel, GraphNode } from '../../../../server/src/model/graph/readModel.ts';
import { onnxStructure } from '../../../../server/src/model/structure/onnxStructure.ts';

function node(operator: string, changes: Partial<GraphNode> = {}): GraphNode {
  return {
    name: '',
    operator,
    domain: '',
    overload: '',
    inputs: [],
    outputs: [],
    attributes: new Map(),
    ...changes,
  };
}

function graph(nodes: readonly GraphNode[], weights: readonly (readonly number[])[] = []): Graph {
  return {
    nodes,
    initializers: new Map(weights.map((dims, i) => [`w${i}`, { dims }])),
    inputs: [],
    outputs: [],
  };
}

function model(changes: Partial<GraphModel>): GraphModel {
  return { opsets: new Map([['', 17]]), graph: graph([]), functions: [], ...changes };
}

test('operators are counted, the most frequent first, then by name', () => {
  const nodes = ['Relu', 'MatMul', 'Conv', 'Relu', 'Relu', 'MatMul'].map((name) => node(name));
  expect(onnxStructure(model({ graph: graph(nodes) })).operators).toEqual([
    { name: 'Relu', count: 3 },
    { name: 'MatMul', count: 2 },
    { name: 'Conv', count: 1 },
  ]);
});

test('operators within operators and within functions count too', () => {
  const branch = graph([
    node('Add'),
    node('If', { attributes: new Map([['then', { graph: graph([node('Add')]) }]]) }),
  ]);
  const found = onnxStructure(
    model({
      graph: graph([
        node('If', {
          attributes: new Map([
            ['else', { graph: branch }],
            ['n', { int: 1 }],
          ]),
        }),
      ]),
      functions: [
        {
          name: 'f',
          domain: 'own',
          overload: '',
          inputs: [],
          outputs: [],
          nodes: [node('Add')],
          opsets: new Map(),
          defaults: new Map(),
        },
      ],
    }),
  );
  expect(found.operators).toEqual([
    { name: 'Add', count: 3 },
    { name: 'If', count: 2 },
  ]);
});

test('operators of other sets are named with their domain, and each set has its version', () => {
  const opsets = new Map([
    ['', 21],
    ['ai.onnx.ml', 3],
  ]);
  const nodes = [node('Scaler', { domain: 'ai.onnx.ml' }), node('Cast')];
  expect(onnxStructure(model({ opsets, graph: graph(nodes) }))).toMatchObject({
    operators: [{ name: 'Cast' }, { name: 'ai.onnx.ml.Scaler' }],
    versions: [
      { name: 'ONNX', version: 21 },
      { name: 'ai.onnx.ml', version: 3 },
    ],
  });
});

test('parameters are the numbers of all weights, those of inner graphs too', () => {
  const inner = graph([], [[10]]);
  const nodes = [node('Loop', { attributes: new Map([['body', { graph: inner }]]) })];
  expect(onnxStructure(model({ graph: graph(nodes, [[64, 3, 3], [], [0, 5]]) })).parameters).toBe(
    64 * 9 + 1 + 10,
  );
});

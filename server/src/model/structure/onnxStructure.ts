import type { ModelStructure } from '../../../../schemas/modelReport.ts';
import type { Graph, GraphModel, GraphNode } from '../graph/readModel.ts';
import { countOperators } from './countOperators.ts';

/** The operators of an ONNX model, those of graphs within operators and of its own functions too. */
export function onnxStructure({ opsets, graph, functions }: GraphModel): ModelStructure {
  const nodes = [...nodesOf(graph.nodes), ...functions.flatMap((one) => nodesOf(one.nodes))];
  return {
    operators: countOperators(nodes.map(nameOf)),
    versions: [...opsets].map(([domain, version]) => ({ name: domain || 'ONNX', version })),
    parameters: parametersOf(graph),
  };
}

function nodesOf(nodes: readonly GraphNode[]): readonly GraphNode[] {
  return nodes.flatMap((node) => [node, ...graphsOf(node).flatMap((inner) => nodesOf(inner.nodes))]);
}

function graphsOf({ attributes }: GraphNode): readonly Graph[] {
  return [...attributes.values()].flatMap(({ graph }) => graph ?? []);
}

/** Those of ONNX itself are known by their name alone. */
function nameOf({ domain, operator }: GraphNode): string {
  return domain === '' ? operator : `${domain}.${operator}`;
}

function parametersOf(graph: Graph): number {
  const own = [...graph.initializers.values()].reduce(
    (sum, { dims }) => sum + dims.reduce((product, size) => product * size, 1),
    0,
  );
  const inner = graph.nodes.flatMap(graphsOf);
  return inner.reduce((sum, one) => sum + parametersOf(one), own);
}

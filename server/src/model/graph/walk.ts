import { constant, type Call } from './call.ts';
import { looksAcrossRows, ruleOf } from './operators/table.ts';
import type { Attribute, Graph, GraphFunction, GraphModel, GraphNode } from './readModel.ts';
import { isEqual } from './size.ts';
import { Finding, isSameAxis, type GraphTensor } from './tensor.ts';

/** A value, or why nothing is known of it. */
export type Known = GraphTensor | { readonly unknown: string };

/** The names of one graph and of those around it. */
type Scope = Map<string, Known>;

interface Surroundings {
  readonly functions: readonly GraphFunction[];
  readonly opsets: ReadonlyMap<string, number>;
  readonly depth: number;
  /** How many nodes have been followed, in functions again and again. */
  readonly followed: { nodes: number };
}

/** Graphs within graphs, and functions within functions: deeper than any exporter makes them. */
const maxDepth = 16;
const maxFollowed = 200_000;

/** Follows values through a model's graph.
 *  @param inputs  what is known of them, by name
 *  @returns its outputs in order
 *  @throws Finding "refuted" where an operator looks across rows */
export function followModel(model: GraphModel, inputs: ReadonlyMap<string, GraphTensor>): readonly Known[] {
  const { functions, opsets } = model;
  return followGraph(model.graph, new Map(inputs), { functions, opsets, depth: 0, followed: { nodes: 0 } });
}

function followGraph(graph: Graph, scope: Scope, around: Surroundings): readonly Known[] {
  for (const [name, tensor] of graph.initializers) scope.set(name, constant(tensor));
  const outputs = graph.outputs.map(({ name }) => name);
  followNodes(graph.nodes, outputs, scope, around);
  return outputs.map((name) => scope.get(name) ?? { unknown: `"${name}" is not made by the model` });
}

function followNodes(
  nodes: readonly GraphNode[],
  outputs: readonly string[],
  scope: Scope,
  around: Surroundings,
): void {
  for (const node of needed(nodes, outputs)) {
    if (++around.followed.nodes > maxFollowed) throw new Finding('unknown', 'the graph has too many nodes');
    const results = followNode(node, scope, around);
    node.outputs.forEach((name, i) => {
      if (name !== '')
        scope.set(name, results[i] ?? { unknown: `${describe(node)}: its output ${i} is not known` });
    });
  }
}

/** Nodes that an output is made of: no other can change an answer. */
function needed(nodes: readonly GraphNode[], outputs: readonly string[]): readonly GraphNode[] {
  const names = new Set(outputs);
  const live: GraphNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i] as GraphNode;
    if (!node.outputs.some((name) => names.has(name))) continue;
    live.push(node);
    for (const name of namesRead(node)) names.add(name);
  }
  return live.reverse();
}

/** Its inputs, and whatever its inner graphs may take from around them. */
function namesRead({ inputs, attributes }: GraphNode): readonly string[] {
  const inner = [...attributes.values()].flatMap(({ graph }) =>
    graph ? [...graph.nodes.flatMap(namesRead), ...graph.outputs.map(({ name }) => name)] : [],
  );
  return [...inputs.filter((name) => name !== ''), ...inner];
}

function followNode(node: GraphNode, scope: Scope, around: Surroundings): readonly Known[] {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : (scope.get(name) ?? missing(name))));
  const unknown = inputs.find((tensor) => tensor && 'unknown' in tensor);
  try {
    const own = around.functions.find(
      ({ name, domain, overload }) =>
        name === node.operator && domain === node.domain && overload === node.overload,
    );
    if (own) return followFunction(own, node, inputs, around);
    if (node.domain === '' && node.operator === 'Constant') return [constantOf(node)];
    if (node.domain === '' && node.operator === 'If') return followIf(node, scope, around);
    const rule = ruleOf(node.domain, node.operator);
    if (unknown) {
      if (rule && looksAcrossRows(node.operator))
        throw new Finding('refuted', 'it lets rows decide over each other');
      return node.outputs.map(() => unknown);
    }
    const call: Call = {
      node,
      opset: around.opsets.get(node.domain) ?? (node.domain === '' ? 1 : 0),
      inputs: inputs as readonly (GraphTensor | undefined)[],
    };
    return rule ? followRule(rule, call) : withoutRule(call, scope);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    const reason = isDescribed(error.message) ? error.message : `${describe(node)}: ${error.message}`;
    if (error.kind === 'refuted') throw new Finding('refuted', reason);
    return node.outputs.map(() => ({ unknown: reason }));
  }
}

/** What is the same in every run stays so, whatever a rule does not know of it. What is made of the number of rows depends on
 *  it, unless it has rows or is known by its values. */
function followRule(rule: Rule, call: Call): readonly Known[] {
  try {
    const results = rule(call);
    if (!call.inputs.some((tensor) => tensor?.counts)) return results;
    return results.map((result) => (result.rows || result.values ? result : { ...result, counts: true }));
  } catch (error) {
    if (!(error instanceof Finding) || error.kind === 'refuted' || !isSame(call.inputs)) throw error;
    return call.node.outputs.map(() => ({}));
  }
}

type Rule = (call: Call) => readonly GraphTensor[];

function withoutRule(call: Call, scope: Scope): readonly Known[] {
  const captured = namesRead(call.node).map((name) => scope.get(name));
  const isPlain = captured.every((value) => value && !('unknown' in value) && isSame([value]));
  // Even of what is always the same a foreign operator may make what is not.
  if (isPlain && call.node.domain === '' && ![...call.node.attributes.values()].some(({ graph }) => graph))
    return call.node.outputs.map(() => ({}));
  throw new Finding('unknown', 'what it does with the rows of a batch is not known');
}

function isSame(inputs: readonly (GraphTensor | undefined)[]): boolean {
  return inputs.every((tensor) => !tensor?.rows && !tensor?.counts);
}

function missing(name: string): Known {
  return { unknown: `"${name}" is not made by the model` };
}

function constantOf({ attributes }: GraphNode): Known {
  const { tensor } = attributes.get('value') ?? {};
  if (tensor) return constant(tensor);
  const [int, float] = [attributes.get('value_int')?.int, attributes.get('value_float')?.float];
  const scalar = int ?? float;
  if (scalar !== undefined) return constant({ dims: [], values: [scalar] });
  const list = attributes.get('value_ints')?.ints ?? attributes.get('value_floats')?.floats;
  if (list) return constant({ dims: [list.length], values: list });
  return {};
}

/** Both ways are followed, unless it is certain which is taken. */
function followIf(node: GraphNode, scope: Scope, around: Surroundings): readonly Known[] {
  const condition = scope.get(node.inputs[0] ?? '');
  if (!condition || 'unknown' in condition) throw new Finding('unknown', 'what it decides by is not known');
  if (condition.rows) throw new Finding('refuted', 'it decides for all rows at once');
  if (condition.counts) throw new Finding('unknown', 'it may decide by the number of rows');
  const [known] = condition.values ?? [];
  const isCertain = known?.names.length === 0;
  const ways = isCertain
    ? [known.factor === 0 ? 'else_branch' : 'then_branch']
    : ['then_branch', 'else_branch'];
  const results = ways.map((way) => {
    const { graph } = node.attributes.get(way) ?? {};
    if (!graph) throw new Finding('unknown', 'what it does is not readable');
    return followGraph(graph, new Map(scope), deeper(around));
  });
  const [first = [], second = first] = results;
  return first.map((value, i) => either(value, second[i] ?? value));
}

function either(a: Known, b: Known): Known {
  if ('unknown' in a) return a;
  if ('unknown' in b) return b;
  if (!a.rows && !b.rows)
    return isSame([a, b]) ? {} : { unknown: 'If: its result depends on the number of rows' };
  const isAlike =
    a.rows &&
    b.rows &&
    isSameAxis(a.rows, b.rows) &&
    a.dims?.length === b.dims?.length &&
    a.dims?.every((dim, i) => isEqual(dim, b.dims?.[i] ?? dim));
  return isAlike ? a : { unknown: 'If: its two ways lay the rows out differently' };
}

function deeper({ depth, ...rest }: Surroundings): Surroundings {
  if (depth >= maxDepth) throw new Finding('unknown', 'it is nested too deeply');
  return { ...rest, depth: depth + 1 };
}

function followFunction(
  own: GraphFunction,
  node: GraphNode,
  inputs: readonly (Known | undefined)[],
  around: Surroundings,
): readonly Known[] {
  const inner: Scope = new Map();
  own.inputs.forEach((name, i) => {
    const value = inputs[i];
    if (value) inner.set(name, value);
  });
  const given = new Map([...own.defaults, ...node.attributes]);
  const nodes = own.nodes.map((each) => withAttributes(each, given, own, inputs.length));
  followNodes(nodes, own.outputs, inner, { ...deeper(around), opsets: own.opsets });
  return own.outputs.map((name) => inner.get(name) ?? missing(name));
}

/** The attributes of the caller in place of their names; an input that the caller leaves out is left out within, too. */
function withAttributes(
  node: GraphNode,
  given: ReadonlyMap<string, Attribute>,
  own: GraphFunction,
  inputCount: number,
): GraphNode {
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const value = attribute.reference === undefined ? attribute : given.get(attribute.reference);
    if (value) attributes.set(name, value);
  }
  const absent = own.inputs.slice(inputCount);
  return { ...node, attributes, inputs: node.inputs.map((name) => (absent.includes(name) ? '' : name)) };
}

/** As a person finds it in a viewer. */
function describe({ operator, name, domain }: GraphNode): string {
  const full = domain === '' ? operator : `${domain}.${operator}`;
  return name === '' ? full : `${full} "${name}"`;
}

/** Whether an inner node has said who it is. */
function isDescribed(reason: string): boolean {
  return /^\S+( ".*")?: /.test(reason);
}

import type {
  Attribute,
  ConstantTensor,
  GraphModel,
  GraphNode,
  GraphValue,
} from '../../server/src/model/graph/readModel.ts';

/** A model as a text: `x[N,4], mask[N] -> y = Where(mask, a, b) axis=1; …`. Its outputs are those of the last node, whose
 *  first dimensions the file leaves open. A node is `outputs = [domain:]Operator(inputs) name=value …`; an input that is
 *  left out is `_`. Values are whole numbers, lists of them such as `1,2`, or texts in quotes.
 *  @param constants  by name: elements of a vector, or a number for a scalar; `{ dims }` for weights that are not read */
export function drawGraph(text: string, constants: Constants = {}, opset = 17): GraphModel {
  const arrow = text.indexOf('->');
  const [head, body] = [text.slice(0, arrow), text.slice(arrow + 2)];
  const nodes = body
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(nodeOf);
  return {
    opsets: new Map([
      ['', opset],
      ['com.microsoft', 1],
      ['ai.onnx.ml', 3],
    ]),
    functions: [],
    graph: {
      nodes,
      initializers: new Map(Object.entries(constants).map(([name, value]) => [name, constantOf(value)])),
      inputs: [...head.matchAll(/(\w+)\[([^\]]*)\]/g)].map(([, name = '', dims = '']) => valueOf(name, dims)),
      outputs: (nodes.at(-1)?.outputs ?? []).map((name) => ({ name, isTensor: true, dims: [null] })),
    },
  };
}

export type Constants = Readonly<Record<string, number | readonly number[] | ConstantTensor>>;

function constantOf(value: Constants[string]): ConstantTensor {
  if (typeof value === 'number') return { dims: [], values: [value] };
  return 'dims' in value ? value : { dims: [value.length], values: value };
}

function valueOf(name: string, dims: string): GraphValue {
  const sizes = dims.split(',').filter((dim) => dim !== '');
  return { name, isTensor: true, dims: sizes.map((dim) => (/^\d+$/.test(dim) ? Number(dim) : dim)) };
}

function nodeOf(text: string): GraphNode {
  const parts = /^([\w, ]+)=\s*(?:([\w.]+):)?(\w+)\(([^)]*)\)(.*)$/.exec(text);
  if (!parts) throw new Error(`This is no node: ${text}`);
  const [, outputs = '', domain = '', operator = '', inputs = '', rest = ''] = parts;
  const names = (list: string) =>
    list
      .split(',')
      .map((name) => name.trim().replace(/^_$/, ''))
      .slice(0, list.trim() === '' ? 0 : undefined);
  return {
    name: '',
    operator,
    domain,
    overload: '',
    inputs: names(inputs),
    outputs: names(outputs),
    attributes: new Map(
      [...rest.matchAll(/(\w+)=("[^"]*"|\S+)/g)].map(([, name = '', value = '']) => [
        name,
        attributeOf(value),
      ]),
    ),
  };
}

function attributeOf(value: string): Attribute {
  if (value.startsWith('"')) return { text: value.slice(1, -1) };
  if (!value.includes(',')) return { int: Number(value) };
  return {
    ints: value
      .split(',')
      .filter((each) => each !== '')
      .map(Number),
  };
}

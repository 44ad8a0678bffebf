import type { Attribute, ConstantTensor, GraphNode } from './readModel.ts';
import { named, numberOf, size, type Size } from './size.ts';
import { refute, unsure, type GraphTensor } from './tensor.ts';

/** One use of an operator. */
export interface Call {
  readonly node: GraphNode;
  /** The version of the operator's set. */
  readonly opset: number;
  /** One that is left out is undefined. */
  readonly inputs: readonly (GraphTensor | undefined)[];
}

/** What an operator does to the axis of rows: the outputs, as many as are known.
 *  @throws Finding */
export type Rule = (call: Call) => readonly GraphTensor[];
export type Rules = Readonly<Record<string, Rule>>;

export function input({ inputs }: Call, index: number): GraphTensor {
  return inputs[index] ?? unsure(`its input ${index} is missing`);
}

export function hasInput({ inputs }: Call, index: number): boolean {
  return inputs[index] !== undefined;
}

/** An input that must be the same in every run, as weights are. */
export function weight(call: Call, index: number): GraphTensor {
  const tensor = input(call, index);
  if (tensor.rows || tensor.counts) return unsure(`its input ${index} is computed from the rows`);
  return tensor;
}

/** All inputs from one on are weights, or left out. */
export function weightsFrom(call: Call, from: number): void {
  for (let i = from; i < call.inputs.length; i++) if (hasInput(call, i)) weight(call, i);
}

function attribute({ node }: Call, name: string): Attribute | undefined {
  return node.attributes.get(name);
}

export function int(call: Call, name: string, fallback: number): number {
  const found = attribute(call, name);
  return found ? (found.int ?? unsure(`its attribute ${name} is not readable`)) : fallback;
}

export function text(call: Call, name: string, fallback: string): string {
  const found = attribute(call, name);
  return found ? (found.text ?? unsure(`its attribute ${name} is not readable`)) : fallback;
}

export function ints(call: Call, name: string): readonly number[] | undefined {
  const found = attribute(call, name);
  return found ? (found.ints ?? unsure(`its attribute ${name} is not readable`)) : undefined;
}

export function hasAttribute(call: Call, name: string): boolean {
  return attribute(call, name) !== undefined;
}

/** Whole numbers that stood in an attribute in older versions, and are an input in newer ones.
 *  @returns undefined where they are left out @throws Finding where they are not constants */
export function intsOrInput(call: Call, name: string, index: number): readonly number[] | undefined {
  if (hasAttribute(call, name)) return ints(call, name);
  return hasInput(call, index) ? numbersOf(input(call, index), name) : undefined;
}

export function numbersOf(tensor: GraphTensor, what: string): readonly number[] {
  if (tensor.rows) return refute(`its ${what} are computed from the rows`);
  return (tensor.values ?? unsure(`its ${what} are not known`)).map((value) =>
    value === undefined
      ? unsure(`its ${what} are not known`)
      : (numberOf(value) ?? unsure(`its ${what} are not known`)),
  );
}

export function constant({ dims, values }: ConstantTensor): GraphTensor {
  return { dims: dims.map(size), ...(values ? { values: values.map(size) } : {}) };
}

/** A size that is not known, but does not depend on the number of rows: each is unlike every other. */
export function openSize({ node }: Call, what: string | number): Size {
  return named(`?${node.outputs[0] ?? ''}.${what}`);
}

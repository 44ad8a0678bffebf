import type { OnnxAttribute, OnnxConstant, OnnxNode } from '../../../../server/src/model/caffe/onnxWriter.ts';
import type { Random } from '../../random.ts';

export type ValueType = 'float' | 'int' | 'bool';

/** A value of the graph, and the shape that it has in the run that the graph is drawn by. */
export interface DrawnValue {
  readonly name: string;
  readonly type: ValueType;
  readonly shape: readonly number[];
}

/** How many rows that run has: a size that no other axis has, but for constants that are laid out for it. */
export const drawnRows = 5;

/** Draws inputs, constants and attributes for the operators of one step. */
export class Builder {
  readonly random: Random;
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly values: DrawnValue[];
  private count = 0;

  constructor(random: Random, inputs: readonly DrawnValue[]) {
    this.random = random;
    this.values = [...inputs];
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  /** A value that is there, the last ones more often. @returns undefined where there is none of this type and rank */
  pick(type: ValueType, rank: (rank: number) => boolean = () => true): DrawnValue | undefined {
    const fit = this.values.filter((one) => one.type === type && rank(one.shape.length));
    if (fit.length === 0) return undefined;
    return this.chance(0.6) ? fit.at(-1) : this.random.pick(fit);
  }

  /** A node with one output, whose name is returned.
   *  @param operator  `domain:name` where it is not of ONNX itself */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.nodeOf(operator, inputs, 1, attributes)[0] as string;
  }

  nodeOf(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.name('v'));
    const [name = '', domain] = operator.split(':').reverse();
    const foreign = domain === undefined ? {} : { domain: domain as NonNullable<OnnxNode['domain']> };
    this.nodes.push({ operator: name, ...foreign, inputs, outputs: names, attributes });
    return names;
  }

  floats(shape: readonly number[], draw = () => this.random.next() * 4 - 2): string {
    const name = this.name('f');
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
    this.constants.push({ name, dims: shape, data });
    return name;
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = this.name('i');
    this.constants.push({ name, dims: shape, data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  /** An axis of a value, counted from the end now and then. */
  axis({ shape }: DrawnValue): number {
    const axis = this.random.between(0, Math.max(0, shape.length - 1));
    return this.chance(0.3) ? axis - shape.length : axis;
  }

  /** Some of its axes, in order. */
  axes({ shape }: DrawnValue): number[] {
    const some = shape.map((_, axis) => axis).filter((axis) => this.chance(axis === 0 ? 0.15 : 0.5));
    return this.chance(0.3) ? some.map((axis) => axis - shape.length) : some;
  }

  /** A shape that broadcasts to another, laid out for its rows now and then. */
  broadcastable(shape: readonly number[]): number[] {
    const some = shape.map((size, axis) =>
      axis === 0 && this.chance(0.8) ? 1 : this.chance(0.3) ? 1 : size,
    );
    return this.chance(0.4) ? some.slice(this.random.between(0, some.length)) : some;
  }

  /** The number of rows, another size, or a whole number of the graph, as a vector of one or a scalar. */
  sizeOf(value: DrawnValue, isVector: boolean): string {
    const axis = this.chance(0.6) ? 0 : this.random.between(0, Math.max(0, value.shape.length - 1));
    const known = this.pick('int', (rank) => rank === 1);
    const shape = known && this.chance(0.3) ? known.name : this.node('Shape', [value.name]);
    return this.node('Gather', [shape, this.ints([axis], isVector ? [1] : [])], { axis: { int: 0 } });
  }

  /** Back to what it was, where a step has failed. */
  mark(): () => void {
    const [nodes, constants] = [this.nodes.length, this.constants.length];
    return () => {
      this.nodes.length = nodes;
      this.constants.length = constants;
    };
  }

  private name(kind: string): string {
    return `${kind}${this.count++}`;
  }
}

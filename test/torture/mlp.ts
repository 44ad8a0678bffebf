import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { models } from '../support/serving.ts';

/* The model of the run, computed here a second time: no runtime and nothing of the product has a part in what is right. */

export const inputs = 64;
export const outputs = 10;

/** @param rows  `inputs` numbers for each row  @returns `outputs` numbers for each row */
export type Mlp = (rows: readonly number[]) => number[];

/** relu(x · w1) · w2, with the weights of the fixture. */
export function loadMlp(): Mlp {
  const weights = readInitializers(readFileSync(join(models, 'mlp', 'mlp.onnx')));
  const w1 = weights.get('w1');
  const w2 = weights.get('w2');
  if (w1?.length !== inputs * inputs || w2?.length !== inputs * outputs) throw new Error('not the mlp');
  return (rows) => {
    const all: number[] = [];
    for (let at = 0; at < rows.length; at += inputs) {
      const hidden = times(rows.slice(at, at + inputs), w1).map((value) => Math.max(0, value));
      all.push(...times(hidden, w2));
    }
    return all;
  };
}

function times(row: readonly number[], matrix: Float32Array): number[] {
  const columns = matrix.length / row.length;
  const sums = Array<number>(columns).fill(0);
  row.forEach((value, i) => {
    for (let j = 0; j < columns; j++) sums[j] = (sums[j] ?? 0) + value * (matrix[i * columns + j] ?? 0);
  });
  return sums;
}

/** ModelProto.graph (7) → GraphProto.initializer (5) → TensorProto.name (8) and raw_data (9). */
function readInitializers(model: Buffer): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  for (const graph of fields(model, 7))
    for (const tensor of fields(graph, 5)) {
      const [name] = fields(tensor, 8);
      const [raw] = fields(tensor, 9);
      if (name && raw) found.set(name.toString(), new Float32Array(new Uint8Array(raw).buffer));
    }
  return found;
}

/** The length-delimited fields of this number in a message of protobuf. */
function fields(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}

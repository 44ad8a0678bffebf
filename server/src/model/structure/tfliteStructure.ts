import type { ModelStructure } from '../../../../schemas/modelReport.ts';
import { countOperators } from './countOperators.ts';
import { tfliteOperators } from './tfliteOperators.ts';

/** The slots of the tables in a file. @see tensorflow/lite/schema/schema.fbs */
const slots = {
  model: { version: 0, operatorCodes: 1, subgraphs: 2 },
  operatorCode: { byte: 0, custom: 1, number: 3 },
  subgraph: { operators: 3 },
  operator: { code: 0 },
} as const;

/** The operators of a TensorFlow Lite model, of all its graphs.
 *  @returns undefined for what is none, or points outside of itself */
export function tfliteStructure(bytes: Buffer): ModelStructure | undefined {
  if (bytes.toString('latin1', 4, 8) !== 'TFL3') return undefined;
  try {
    const model = bytes.readUInt32LE(0);
    const codes = tables(bytes, model, slots.model.operatorCodes).map((code) => nameOf(bytes, code));
    const operators = tables(bytes, model, slots.model.subgraphs).flatMap((graph) =>
      tables(bytes, graph, slots.subgraph.operators),
    );
    const names = operators.map((operator) => {
      const at = field(bytes, operator, slots.operator.code);
      return codes[at === 0 ? 0 : bytes.readUInt32LE(at)] ?? '?';
    });
    const version = field(bytes, model, slots.model.version);
    return {
      operators: countOperators(names),
      versions: version === 0 ? [] : [{ name: 'TensorFlow Lite', version: bytes.readUInt32LE(version) }],
    };
  } catch (error) {
    // Node's own checks of bounds: the file is cut off, or was never one.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Older files have the number in a byte, which newer ones fill with at most 127. */
function nameOf(bytes: Buffer, code: number): string {
  const [byte, number] = [slots.operatorCode.byte, slots.operatorCode.number].map((slot) =>
    field(bytes, code, slot),
  ) as [number, number];
  const custom = field(bytes, code, slots.operatorCode.custom);
  const value = Math.max(byte === 0 ? 0 : bytes.readInt8(byte), number === 0 ? 0 : bytes.readInt32LE(number));
  const name = tfliteOperators[value];
  if (name === 'CUSTOM' && custom !== 0) return `CUSTOM ${text(bytes, follow(bytes, custom))}`;
  return name ?? `operator ${value}`;
}

/** Follows the offset stored at `at`. */
function follow(bytes: Buffer, at: number): number {
  return at + bytes.readUInt32LE(at);
}

/** Where a field of a table is, or 0 where it has none. */
function field(bytes: Buffer, table: number, slot: number): number {
  const vtable = table - bytes.readInt32LE(table);
  const entry = 4 + 2 * slot;
  if (entry >= bytes.readUInt16LE(vtable)) return 0;
  const offset = bytes.readUInt16LE(vtable + entry);
  return offset === 0 ? 0 : table + offset;
}

/** The tables that a field of a table has a list of. */
function tables(bytes: Buffer, table: number, slot: number): readonly number[] {
  const at = field(bytes, table, slot);
  if (at === 0) return [];
  const vector = follow(bytes, at);
  const length = bytes.readUInt32LE(vector);
  if (vector + 4 + 4 * length > bytes.length) throw new RangeError('a list is longer than the file');
  return Array.from({ length }, (_, i) => follow(bytes, vector + 4 + 4 * i));
}

function text(bytes: Buffer, at: number): string {
  const length = bytes.readUInt32LE(at);
  return bytes.toString('utf8', at + 4, at + 4 + length);
}

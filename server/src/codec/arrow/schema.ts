import { undecodable } from '../../tensor/tensor.ts';
import * as fb from './flatbuffer.ts';

export type ArrowType =
  | 'null'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'bool'
  | 'utf8'
  | 'largeUtf8'
  | 'list'
  | 'largeList'
  | 'fixedList'
  | 'struct';

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly children: readonly ArrowField[];
}

/* A record of the protocol nests three deep (struct, list, item) and has a handful of columns. Offsets of a
   flatbuffer may point many times at one place, so without limits a small payload could unfold without end. */
const maxDepth = 8;
const maxFields = 4096;
const maxCached = 32;
const maxCachedBytes = 16_384;

/* Records of one client start with the same schema bytes; comparing them is far cheaper than parsing them.
   This is a memo of a pure function, most recent first and bounded, which is why it may live in the module. */
const parsed: { readonly bytes: Buffer; readonly fields: readonly ArrowField[] }[] = [];

/** The columns declared by the schema message that fills `start` to `end`.
 *  @throws ServingError "record-undecodable" for types that no record of the protocol uses */
export function schemaOf(bytes: Buffer, start: number, end: number): readonly ArrowField[] {
  for (let i = 0; i < parsed.length; i++) {
    const entry = parsed[i];
    if (entry?.bytes.length !== end - start || entry.bytes.compare(bytes, start, end) !== 0) continue;
    if (i > 0) {
      parsed.splice(i, 1);
      parsed.unshift(entry);
    }
    return entry.fields;
  }
  // Parsed from its own copy, so that an offset cannot lead out of the message and the cache stays truthful.
  const own = Buffer.from(bytes.subarray(start, end));
  const fields = parseSchema(own);
  if (own.length <= maxCachedBytes) {
    if (parsed.length === maxCached) parsed.pop();
    parsed.unshift({ bytes: own, fields });
  }
  return fields;
}

function parseSchema(bytes: Buffer): readonly ArrowField[] {
  const schema = fb.child(bytes, fb.follow(bytes, 0), 2);
  if (schema === 0) throw undecodable('', 'the Arrow schema is empty');
  if (fb.shortField(bytes, schema, 0) !== 0) throw undecodable('', 'big-endian Arrow is not supported');
  return parseFields(bytes, fb.child(bytes, schema, 1), 0, { left: maxFields });
}

function parseFields(
  bytes: Buffer,
  vector: number,
  depth: number,
  budget: { left: number },
): readonly ArrowField[] {
  const count = fb.vectorLength(bytes, vector, 4);
  budget.left -= count;
  if (depth > maxDepth || budget.left < 0) throw undecodable('', 'the Arrow schema is too large');
  const fields: ArrowField[] = [];
  for (let i = 0; i < count; i++)
    fields.push(parseField(bytes, fb.follow(bytes, vector + 4 + 4 * i), depth, budget));
  return fields;
}

function parseField(bytes: Buffer, table: number, depth: number, budget: { left: number }): ArrowField {
  const name = fb.text(bytes, fb.child(bytes, table, 0));
  if (fb.field(bytes, table, 4) !== 0)
    throw undecodable(name, 'dictionary-encoded columns are not supported');
  const type = typeOf(bytes, fb.byteField(bytes, table, 2), fb.child(bytes, table, 3));
  if (type === undefined) throw undecodable(name, 'a column of this Arrow type is not supported');
  const children = parseFields(bytes, fb.child(bytes, table, 5), depth + 1, budget);
  const isList = type === 'list' || type === 'largeList' || type === 'fixedList';
  if (isList && children.length !== 1) throw undecodable(name, 'a list column without its one item type');
  if (!isList && type !== 'struct' && children.length > 0)
    throw undecodable(name, 'a plain column with children');
  return { name, type, children };
}

/** The numbers are those of `union Type` in Arrow's Schema.fbs. */
function typeOf(bytes: Buffer, code: number, table: number): ArrowType | undefined {
  if (table === 0) return undefined;
  switch (code) {
    case 1:
      return 'null';
    case 2:
      return intType(fb.intField(bytes, table, 0), fb.byteField(bytes, table, 1) !== 0);
    case 3:
      return (['float16', 'float32', 'float64'] as const)[fb.shortField(bytes, table, 0)];
    case 5:
      return 'utf8';
    case 6:
      return 'bool';
    case 12:
      return 'list';
    case 13:
      return 'struct';
    case 16:
      return 'fixedList';
    case 20:
      return 'largeUtf8';
    case 21:
      return 'largeList';
    default:
      return undefined;
  }
}

function intType(bits: number, signed: boolean): ArrowType | undefined {
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64) return undefined;
  return signed ? `int${bits}` : `uint${bits}`;
}

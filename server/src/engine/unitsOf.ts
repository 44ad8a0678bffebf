import type { FittedPart, FittedRecord } from '../tensor/fit.ts';
import { rowOf } from '../tensor/rows.ts';
import type { Item } from './item.ts';

/** What must have the same answer in any company: each instance of a client's record, and each row of a record that several
 *  requests share. @returns together, the rows of all records in order */
export function unitsOf(items: readonly Item[]): FittedRecord[] {
  return items.flatMap(({ record, decoded }) => {
    const [first] = decoded.instances;
    if (record.sharedBy === 1 || !first) return decoded.instances;
    return Array.from({ length: decoded.rows }, (_, row) => cut(first, row));
  });
}

/** How many those are. */
export function countUnits(items: readonly Item[]): number {
  return items.reduce(
    (sum, { record, decoded }) => sum + (record.sharedBy === 1 ? decoded.instances.length : decoded.rows),
    0,
  );
}

function cut({ strip, key, parts }: FittedRecord, row: number): FittedRecord {
  const partOf = (part: FittedPart): FittedPart =>
    part.isConstant ? part : { ...rowOf(part, row), isConstant: false };
  return { rows: 1, strip, key, parts: parts.map(partOf) };
}

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
  let count = 0;
  for (const { record, decoded } of items)
    count += record.sharedBy === 1 ? decoded.instances.length : decoded.rows;
  return count;
}

/** The instances of all records, in order. */
export function instancesOf(items: readonly Item[]): readonly FittedRecord[] {
  const instances: FittedRecord[] = [];
  // For every record that is served: several times as quick as flatMap.
  for (const { decoded } of items) for (const instance of decoded.instances) instances.push(instance);
  return instances;
}

function cut({ strip, key, parts }: FittedRecord, row: number): FittedRecord {
  const partOf = (part: FittedPart): FittedPart =>
    part.isConstant ? part : { ...rowOf(part, row), isConstant: false };
  return { rows: 1, strip, key, parts: parts.map(partOf) };
}

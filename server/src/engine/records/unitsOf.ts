import type { FittedPart, FittedRecord } from '../../tensor/fit.ts';
import { rowOf } from '../../tensor/rows.ts';
import { sharedBy, type Item } from './item.ts';

type Unit = Pick<Item, 'record' | 'decoded'>;

/** What must have the same answer in any company: each instance of a client's record, and each row of a record that several
 *  requests share. @returns together, the rows of all records in order */
export function unitsOf(items: readonly Unit[]): FittedRecord[] {
  return items.flatMap((item) => {
    const { decoded } = item;
    const [first] = decoded.instances;
    if (sharedBy(item) === 1 || !first) return decoded.instances;
    return Array.from({ length: decoded.rows }, (_, row) => cut(first, row));
  });
}

/** How many those are. */
export function countUnits(items: readonly Unit[]): number {
  let count = 0;
  for (const item of items) count += sharedBy(item) === 1 ? item.decoded.instances.length : item.decoded.rows;
  return count;
}

/** The instances of all records, in order. */
export function instancesOf(items: readonly Unit[]): readonly FittedRecord[] {
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

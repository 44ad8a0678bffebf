import type { FittedPart, FittedRecord } from './fitInputs.ts';

/** What must have the same answer in any company: a client's record as it is, and each row of a record that several requests
 *  share. @returns together, the rows of all records in order */
export function unitsOf(
  records: readonly { readonly fitted: FittedRecord; readonly sharedBy: number }[],
): FittedRecord[] {
  return records.flatMap(({ fitted, sharedBy }) =>
    sharedBy > 1 ? Array.from({ length: fitted.rows }, (_, row) => rowOf(fitted, row)) : [fitted],
  );
}

function rowOf({ rows, strip, key, parts }: FittedRecord, row: number): FittedRecord {
  const cut = ({ rowShape, data }: FittedPart): FittedPart => {
    const length = data.length / rows;
    return { rowShape, data: data.slice(row * length, (row + 1) * length) };
  };
  return { rows: 1, strip, key, parts: parts.map(cut) };
}

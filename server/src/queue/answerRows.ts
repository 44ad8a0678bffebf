import type { Answer } from './recordQueue.ts';

/** Answers as the script that writes them takes them: id, uri and value of each, then number, reason and deliveries of each
 *  that was given up. */
export function answerRows(answers: readonly Answer[]): (string | number | Uint8Array)[] {
  const rows: (string | number | Uint8Array)[] = [];
  const gone: (string | number)[] = [];
  answers.forEach(({ record, value, reason }, i) => {
    // The script writes no result for a record without a name.
    rows.push(record.id, value === undefined ? '' : (record.uri ?? ''), value ?? '');
    if (reason !== undefined && record.sharedBy === 1) gone.push(i + 1, reason, record.deliveries);
  });
  rows.push(...gone);
  return rows;
}

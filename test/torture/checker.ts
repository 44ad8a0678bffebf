import type { History, RecordHistory } from './history.ts';

export const faults = [
  'lost',
  'wrong',
  'givenUp',
  'doubled',
  'phantom',
  'foreignDeleted',
  'crashed',
] as const;
export type Fault = (typeof faults)[number];

export interface Finding {
  readonly fault: Fault;
  /** A record's `uri`, or what else it is about. */
  readonly about: string;
  readonly why: string;
}

/** Compares what happened with what was promised. Pure: it sees the history and nothing else.
 *  @returns nothing where the promise was kept */
export function check(history: History): Finding[] {
  const found = [...history.records.values()].flatMap((record) => checkRecord(record, history.lossAt));
  for (const uri of history.leftResults) {
    const record = history.records.get(uri);
    if (!record)
      found.push({ fault: 'phantom', about: uri, why: 'a result of a record that was never sent' });
    else if (record.answers.length > 0)
      found.push({ fault: 'doubled', about: uri, why: 'its result was read, removed, and is there again' });
  }
  for (const { what, expected, found: now } of history.foreign)
    if (expected !== now)
      found.push({ fault: 'foreignDeleted', about: what, why: `${now} in place of ${expected}` });
  for (const crash of history.crashes)
    found.push({ fault: 'crashed', about: crash, why: 'it ended by itself' });
  return found;
}

function checkRecord(record: RecordHistory, lossAt: number | undefined): Finding[] {
  const { uri: about, accepted, answers } = record;
  const found: Finding[] = [];
  const mayBeGone = lossAt !== undefined && record.sentAt <= lossAt;
  if (accepted === 'pending') found.push({ fault: 'lost', about, why: 'the request was never ended' });
  if (accepted === 'yes' && answers.length === 0 && !mayBeGone)
    found.push({ fault: 'lost', about, why: 'it was accepted and never answered' });
  if (accepted === 'no' && answers.length > 0)
    found.push({ fault: 'phantom', about, why: `it was refused (${record.refusal ?? ''}) and answered` });
  if (answers.length > 1)
    found.push({ fault: 'doubled', about, why: `it was answered ${answers.length} times` });
  for (const { verdict } of answers)
    if (verdict === 'givenUp') found.push({ fault: 'givenUp', about, why: 'a good record was answered NaN' });
    else if (verdict !== 'right') found.push({ fault: 'wrong', about, why: verdict.wrong });
  return found;
}

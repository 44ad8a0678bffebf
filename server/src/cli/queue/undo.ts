import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ServingError, whyUnreadable } from '../../../../schemas/errors.ts';
import type { ChangeReport, MovedRecord, Undo } from '../../../../schemas/redis/queueReports.ts';
import { isRecordId } from '../../queue/recordId.ts';
import { withQueue, type QueueOptions } from './options.ts';
import { reportChange } from './report.ts';

/** Takes back what a `queue requeue` or `queue kill` has done, by the line that it printed. */
export async function undoCommand(file: string | undefined, options: QueueOptions): Promise<number> {
  const { jobName: name, undo } = readReport(await (file === undefined ? text(process.stdin) : read(file)));
  return withQueue(name, options, async ({ store, jobName, config }) =>
    reportChange(
      await store.queues.undo(jobName, undo, config?.resultTtlSeconds ?? 0),
      'Took back',
      options.json,
    ),
  );
}

/** @throws ServingError "wrong-use" for what is no report of a change that can be taken back */
export function readReport(line: string): Required<Pick<ChangeReport, 'jobName' | 'undo'>> {
  const { jobName, undo } = parse(line);
  if (typeof jobName !== 'string' || !isUndo(undo))
    throw new ServingError(
      'wrong-use',
      'That is no report of a change that can be taken back. Give it the line that "queue requeue --json" or "queue kill --json" printed.',
    );
  return { jobName, undo };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ServingError('wrong-use', `${file} cannot be read: ${whyUnreadable(error)}`);
  }
}

function parse(line: string): Partial<Readonly<Record<keyof ChangeReport, unknown>>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isUndo(value: unknown): value is Undo {
  const { change, records } = (value ?? {}) as Partial<Record<keyof Undo, unknown>>;
  return (change === 'requeue' || change === 'kill') && Array.isArray(records) && records.every(isMoved);
}

/** Words are names and values: a stream refuses an odd number. */
function isMoved(value: unknown): value is MovedRecord {
  const { id, words = [], hadNaN = false } = (value ?? {}) as Partial<Record<keyof MovedRecord, unknown>>;
  return (
    typeof id === 'string' &&
    isRecordId(id) &&
    typeof hadNaN === 'boolean' &&
    Array.isArray(words) &&
    words.length % 2 === 0 &&
    words.every((word) => typeof word === 'string')
  );
}

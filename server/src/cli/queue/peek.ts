import { ServingError } from '../../../../schemas/errors.ts';
import type { RecordPreview } from '../../../../schemas/redis/queueReports.ts';
import { inputText } from '../../inspect/inputText.ts';
import { previewRecords } from '../../inspect/previewRecords.ts';
import type { OpenQueue } from '../../jobs/redis/openQueue.ts';
import type { StoredRecord } from '../../queue/readQueue.ts';
import { paint, print, printJson, span } from '../output.ts';
import { withQueue, type PageOptions } from './options.ts';

export interface PeekOptions extends PageOptions {
  readonly id?: readonly string[];
  readonly waiting?: boolean;
  readonly pending?: boolean;
  readonly dead?: boolean;
}

export async function peek(name: string | undefined, options: PeekOptions): Promise<number> {
  const wanted = [options.id !== undefined, options.waiting, options.pending, options.dead];
  if (wanted.filter(Boolean).length > 1)
    throw new ServingError('wrong-use', 'Say one of --id, --waiting, --pending and --dead.');
  return withQueue(name, options, async (queue) => {
    const { jobName } = queue;
    const stored = await read(queue, options);
    const records = await previewRecords(queue, stored, queue.config?.imageResize);
    if (options.json) printJson({ jobName, records });
    else if (records.length === 0) print(`"${jobName}" has no such record.`);
    else for (const record of records) show(record);
    return 0;
  });
}

async function read({ store, jobName }: OpenQueue, options: PeekOptions): Promise<readonly StoredRecord[]> {
  const { queues } = store;
  const request = { count: options.count, after: options.after };
  if (options.pending) return queues.readPendingRecords(jobName, request);
  if (options.dead) return queues.readDeadRecords(jobName, request);
  if (options.id === undefined) return queues.readWaiting(jobName, request);
  const asked = await Promise.all(options.id.map((id) => queues.readRecord(jobName, id)));
  const found = asked.filter((record) => record !== undefined);
  // Of several, some may have been answered meanwhile.
  if (found.length > 0) return found;
  throw new ServingError(
    'record-unknown',
    `"${jobName}" has no record ${options.id.join(', ')}. Answered ones are removed, and old dead letters, too.`,
  );
}

function show({ id, uri, state, pending, dead, bytes, inputs, error }: RecordPreview): void {
  print(`${paint('bold', uri ?? '(no uri)')}  ${state}  ${id}  ${bytes} bytes`);
  if (pending)
    print(
      `  with ${pending.worker ?? pending.consumer} for ${span(pending.idleMs)}, delivery ${pending.deliveries}`,
    );
  if (dead) print(paint('red', `  ${dead.reason}`));
  if (error !== undefined) print(paint('red', `  cannot be decoded: ${error}`));
  for (const input of inputs) {
    const text = inputText(input);
    print(`  ${input.name}: ${input.kind === 'undecodable' ? paint('red', text) : text}`);
  }
}

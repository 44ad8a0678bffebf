import * as z from 'zod';
import type { InputPreview, RecordPreview } from '../../../../schemas/redis/queueReports.ts';
import { previewRecords } from '../../inspect/previewRecords.ts';
import type { PageRequest, StoredRecord } from '../../queue/readQueue.ts';
import type { QueueAdmin } from '../../queue/store.ts';
import { ofQueue, recordId, withQueue } from '../arguments.ts';
import { recordLines } from '../lines.ts';
import { defineTool, type Tool } from '../tool.ts';

const maxRecords = 20;

export const deadLetters = recordsTool('dead letters', (queues, ...args) => queues.readDeadRecords(...args));
export const waitingRecords = recordsTool('waiting records', (queues, ...args) =>
  queues.readWaiting(...args),
);

type Read = (queues: QueueAdmin, jobName: string, page: PageRequest) => Promise<readonly StoredRecord[]>;

function recordsTool(what: string, read: Read): Tool {
  return defineTool(
    {
      ...ofQueue,
      count: z.int().min(1).max(maxRecords).default(5).describe('How many records to show.'),
      after: recordId.optional().describe('Start after this record: the "next" of the page before.'),
    },
    (args) =>
      withQueue(args, async (queue) => {
        const { store, jobName, config } = queue;
        const stored = await read(store.queues, jobName, { count: args.count, after: args.after });
        const previews = await previewRecords(queue, stored, config?.imageResize);
        const next = stored.length === args.count ? stored.at(-1)?.id : undefined;
        return {
          text: [
            ...(previews.length === 0
              ? [`"${jobName}" has no ${what} here.`]
              : previews.flatMap(recordLines)),
            ...(next === undefined ? [] : [`There may be more, after ${next}.`]),
          ],
          data: {
            jobName,
            records: previews.map(withoutThumbnails),
            ...(next === undefined ? {} : { next }),
          },
          images: previews.flatMap(({ inputs }) => inputs.flatMap(pngOf)),
        };
      }),
  );
}

/** Images go beside the text; as text they would be read at length and say nothing. */
function withoutThumbnails(record: RecordPreview) {
  return {
    ...record,
    inputs: record.inputs.map((input) =>
      input.kind === 'image' ? { ...input, thumbnail: undefined } : input,
    ),
  };
}

function pngOf(input: InputPreview): string[] {
  return input.kind === 'image' ? [input.thumbnail.slice(input.thumbnail.indexOf(',') + 1)] : [];
}

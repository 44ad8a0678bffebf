import * as z from 'zod';
import { ServingError } from '../../../../schemas/errors.ts';
import { ofQueue, recordId, withQueue } from '../arguments.ts';
import { defineTool } from '../tool.ts';

const maxIds = 1_000;

export const requeueDeadLetters = defineTool(
  {
    ...ofQueue,
    ids: z
      .array(recordId)
      .max(maxIds)
      .default([])
      .describe('The ids of dead letters, as dead_letters shows them.'),
    all: z.boolean().default(false).describe('All dead letters.'),
  },
  async (args) => {
    const { ids, all } = args;
    if (ids.length > 0 === all)
      throw new ServingError('wrong-use', 'Name the dead letters by their ids, or say that all are meant.');
    return withQueue(args, async ({ store: { queues }, jobName }) => {
      const report = all ? await queues.requeueAll(jobName) : await queues.requeue(jobName, ids);
      const { done, refused } = report;
      return {
        text: [
          `Put back ${done} of ${done + refused.length} dead letters of "${jobName}".`,
          ...refused.map(({ id, why }) => `${id}: ${why}`),
        ],
        data: { jobName, done, refused },
      };
    });
  },
);

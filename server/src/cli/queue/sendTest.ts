import { randomUUID } from 'node:crypto';
import { ServingError } from '../../../../schemas/errors.ts';
import { exampleInputs } from '../../inspect/exampleInputs.ts';
import { askAndPrint } from '../ask.ts';
import { withQueue, type QueueOptions } from './options.ts';

export function sendTest(
  name: string | undefined,
  options: QueueOptions & { readonly timeout: number },
): Promise<number> {
  return withQueue(name, options, async (queue) => {
    const { store, jobName } = queue;
    const model = await store.registry.readModel(jobName);
    if (!model)
      throw new ServingError(
        'job-failed',
        `No worker of "${jobName}" is running, so the inputs of its model are unknown. Start the job first.`,
      );
    const question = {
      name: 'test record',
      uri: `test-${randomUUID()}`,
      inputs: exampleInputs(model.inputs),
    };
    return askAndPrint(queue, [question], options);
  });
}

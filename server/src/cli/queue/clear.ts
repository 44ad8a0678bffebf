import { ServingError } from '../../../../schemas/errors.ts';
import { confirm } from '../confirm.ts';
import { count, print, printJson } from '../output.ts';
import { withQueue, type QueueOptions } from './options.ts';

export interface ClearOptions extends QueueOptions {
  readonly waiting?: boolean;
  readonly dead?: boolean;
  readonly yes?: boolean;
}

export async function clear(name: string | undefined, options: ClearOptions): Promise<number> {
  if (options.waiting === options.dead)
    throw new ServingError('wrong-use', 'Say what goes: --waiting or --dead.');
  const isDead = options.dead === true;
  return withQueue(name, options, async ({ store: { queues }, jobName }) => {
    const { waiting, dead } = await queues.readQueueFigures(jobName);
    const what = isDead ? count(dead, 'dead letter') : count(waiting, 'waiting record');
    if (!options.yes) {
      // Without a terminal there is no way to ask, and cleared records do not come back.
      if (!process.stdin.isTTY)
        throw new ServingError('wrong-use', `${what} of "${jobName}" would go. Say --yes if they shall.`);
      print(`${what} of "${jobName}" will be removed permanently.`);
      if (!isDead) print('The clients that sent them will get no answer.');
      if (!(await confirm())) throw new ServingError('wrong-use', 'Nothing was changed.');
    }
    const cleared = await (isDead ? queues.clearDead(jobName) : queues.clearWaiting(jobName));
    if (options.json) printJson({ jobName, cleared });
    else print(`Removed ${count(cleared, isDead ? 'dead letter' : 'waiting record')} of "${jobName}".`);
    return 0;
  });
}

import { randomBytes } from 'node:crypto';
import type { StartLockEntry } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { startLimits } from '../../../../../schemas/startLimits.ts';
import { renewedLock, type Starter, type StartLock } from '../../registry/startLock.ts';
import type { RegistryLog } from './registryLog.ts';

/** Takes the lock of a job's start and renews it until it is released. All who read the log in its order see the same holder.
 *  @returns who has it, where that is another */
export async function takeLock(
  log: RegistryLog,
  jobName: string,
  starter: Starter,
): Promise<StartLock | { readonly heldBy: string }> {
  const token = randomBytes(8).toString('hex');
  const holder = JSON.stringify({ ...starter, token });
  const entry: StartLockEntry = { jobName, holder, ms: startLimits.lockMs };
  const write = (text: string | null) => log.write([{ kind: 'lock', id: token, text }]);
  const hold = async () => {
    await write(JSON.stringify(entry));
    await log.refresh();
    // By the log alone: a try that came too early is passed over there.
    return log.view.holderOf(jobName);
  };
  const heldBy = await hold();
  if (heldBy !== holder) {
    // What is left of a try would look like a holder when the real one's first message is compacted away.
    await write(null);
    return { heldBy: heldBy ?? '' };
  }
  return renewedLock(
    async () => (await hold()) === holder,
    () => write(null),
  );
}

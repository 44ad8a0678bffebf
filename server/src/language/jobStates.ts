import { kafkaMark } from '../../../schemas/kafka/storeName.ts';
import type { JobState } from '../../../schemas/jobEvents.ts';
import type { JobsMessage } from '../../../schemas/editor/languageMessages.ts';
import { valueOf, type ConfigText } from './configText.ts';
import { storeTextFor, storeTextOf } from './workspace.ts';

/** The states of all jobs that the editor sees. */
export type JobStates = ReadonlyMap<string, JobState>;

/** Reads what the editor sends; anything else is left out. */
export function jobStatesOf({ jobs }: JobsMessage): JobStates {
  const sent: readonly unknown[] = Array.isArray(jobs) ? jobs : [];
  return new Map(
    sent.flatMap((job): [string, JobState][] => {
      const { jobName, redis, state } = (job ?? {}) as Partial<JobsMessage['jobs'][number]>;
      const store = storeOf(String(redis));
      return jobName === undefined || store === undefined || state === undefined
        ? []
        : [[idOf(jobName, store), state]];
    }),
  );
}

/** The state of a config's job: a job that is not listed is stopped; undefined before the editor has sent anything. */
export function jobStateOf({ read }: ConfigText, states: JobStates | undefined): JobState | undefined {
  return states && (states.get(idOf(valueOf(read, 'jobName'), storeTextOf(read))) ?? 'stopped');
}

/** What reports call a store, as configs are compared by it; undefined for what names none. */
function storeOf(text: string): string | undefined {
  const addresses = text
    .replace(kafkaMark, '')
    .split(',')
    .map((one) => {
      const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(one) ?? [];
      return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
    });
  if (addresses.some(({ host }) => host === '')) return undefined;
  return storeTextFor(text.startsWith(kafkaMark) ? 'kafka' : 'redis', addresses);
}

function idOf(jobName: string, store: string): string {
  return `${store} ${jobName}`;
}

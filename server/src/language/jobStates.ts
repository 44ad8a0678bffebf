import type { JobState } from '../../../schemas/jobEvents.ts';
import type { JobsMessage } from '../../../schemas/editor/languageMessages.ts';
import { valueOf, type ConfigText } from './configText.ts';
import { addressText } from './workspace.ts';

/** The states of all jobs that the editor sees. */
export type JobStates = ReadonlyMap<string, JobState>;

/** Reads what the editor sends; anything else is left out. */
export function jobStatesOf({ jobs }: JobsMessage): JobStates {
  const sent: readonly unknown[] = Array.isArray(jobs) ? jobs : [];
  return new Map(
    sent.flatMap((job): [string, JobState][] => {
      const { jobName, redis, state } = (job ?? {}) as Partial<JobsMessage['jobs'][number]>;
      const [, host, port] = /^(.*):(\d+)$/.exec(String(redis)) ?? [];
      return jobName === undefined || host === undefined || state === undefined
        ? []
        : [[idOf(jobName, { host, port: Number(port) }), state]];
    }),
  );
}

/** The state of a config's job: a job that is not listed is stopped; undefined before the editor has sent anything. */
export function jobStateOf({ read }: ConfigText, states: JobStates | undefined): JobState | undefined {
  return states && (states.get(idOf(valueOf(read, 'jobName'), valueOf(read, 'redisUrl'))) ?? 'stopped');
}

function idOf(jobName: string, address: { readonly host: string; readonly port: number }): string {
  return `${addressText(address)} ${jobName}`;
}

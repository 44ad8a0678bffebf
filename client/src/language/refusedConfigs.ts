import type { RefusedConfig } from '../../../schemas/editor/languageMessages.ts';
import { rolloutCauses, type JobReport, type Registration } from '../../../schemas/jobEvents.ts';

/** The configs on this machine that workers of a job do not take over, and why. */
export function refusedConfigs(
  { workers }: Pick<JobReport, 'workers'>,
  isHere: (registration: Registration) => boolean,
): readonly RefusedConfig[] {
  return workers.flatMap(({ registration, heartbeat }) => {
    const { by, refusal } = heartbeat?.reload ?? {};
    const isOfConfig = by !== undefined && !rolloutCauses.includes(by);
    return refusal && isOfConfig && isHere(registration)
      ? [{ configPath: registration.configPath, ...refusal }]
      : [];
  });
}

import type { RefusedConfig } from '../../../schemas/editor/languageMessages.ts';
import type { JobReport, Registration } from '../../../schemas/jobEvents.ts';

/** The configs on this machine that workers of a job do not take over, and why. */
export function refusedConfigs(
  { workers }: Pick<JobReport, 'workers'>,
  isHere: (registration: Registration) => boolean,
): readonly RefusedConfig[] {
  return workers.flatMap(({ registration, heartbeat }) => {
    const refusal = heartbeat?.reload?.refusal;
    return refusal && isHere(registration) ? [{ configPath: registration.configPath, ...refusal }] : [];
  });
}

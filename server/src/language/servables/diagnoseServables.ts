import type { Problem } from '../../../../schemas/config/problems.ts';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import { withoutDisabled } from '../../config/disableComments.ts';
import { problem } from '../../config/problem.ts';
import { readServables, type WrittenServable } from '../../config/servables.ts';
import { withSeverity, type Severities } from '../diagnose.ts';
import { addressText, type Workspace } from '../workspace.ts';

/** Everything that is wrong with a servables-conf.yaml, by itself and beside the configs of the workspace. */
export function diagnoseServables(
  text: string,
  workspace: Workspace,
  severities: Severities = {},
): Problem[] {
  const { servables, problems } = readServables(text);
  const world = servables.flatMap((servable) => withoutJob(servable, workspace));
  return [...problems, ...withoutDisabled(text, world)]
    .flatMap((one) => withSeverity(one, severities))
    .sort((a, b) => a.range.start - b.range.start);
}

/** Says so only where a config of the workspace uses the same Redis: otherwise the jobs are configured elsewhere. */
function withoutJob({ fields }: WrittenServable, workspace: Workspace): Problem[] {
  const queue = fields.get('redisInputQueue');
  if (!queue?.text) return [];
  const { host, port } = configKeys.redisUrl.default;
  const redis = addressText({
    host: fields.get('redisHost')?.text ?? host,
    port: Number(fields.get('redisPort')?.text ?? port),
  });
  const jobs = Array.from(workspace.all()).filter((facts) => facts.redis === redis && facts.jobName !== '');
  if (jobs.length === 0 || jobs.some(({ jobName }) => jobName === queue.text)) return [];
  const message = `No config of the workspace has the job ${queue.text} on Redis ${redis}.`;
  return [problem('servable-without-job', queue.range, message, { key: 'redisInputQueue' })];
}

import type { Problem } from '../../../../schemas/config/problems.ts';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import { readBrokers } from '../../config/values/brokers.ts';
import { withoutDisabled } from '../../config/disableComments.ts';
import { problem } from '../../config/problem.ts';
import { readServables, type WrittenServable } from '../../config/servables.ts';
import { withSeverity, type Severities } from '../diagnose.ts';
import { isSameStore, storeTextFor, type Workspace } from '../workspace.ts';

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

/** Says so only where a config of the workspace uses the same Redis or Kafka: otherwise the jobs are configured elsewhere. */
function withoutJob({ fields }: WrittenServable, workspace: Workspace): Problem[] {
  const queue = fields.get('redisInputQueue');
  const store = storeOf(fields);
  if (!queue?.text || store === undefined) return [];
  const jobs = Array.from(workspace.all()).filter(
    (facts) => facts.jobName !== '' && isSameStore(facts.store, store),
  );
  if (jobs.length === 0 || jobs.some(({ jobName }) => jobName === queue.text)) return [];
  const message = `No config of the workspace has the job ${queue.text} on ${store}.`;
  return [problem('servable-without-job', queue.range, message, { key: 'redisInputQueue' })];
}

/** Where the queue of a servable is; undefined where only the frontend knows, or the value cannot be read. */
function storeOf(fields: WrittenServable['fields']): string | undefined {
  const text = (name: string) => {
    const written = fields.get(name)?.text;
    return written === '' ? undefined : written;
  };
  const isRedisNamed = text('redisHost') !== undefined || text('redisPort') !== undefined;
  const kind = (text('queueUsed') ?? (isRedisNamed ? 'redis' : '')).toLowerCase();
  if (kind === 'kafka') {
    const { value } = readBrokers(text('kafkaUrl') ?? '');
    return value && storeTextFor('kafka', value);
  }
  if (kind !== 'redis') return undefined;
  const { host, port } = configKeys.redisUrl.default;
  const address = { host: text('redisHost') ?? host, port: Number(text('redisPort') ?? port) };
  return storeTextFor('redis', [address]);
}

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

/** Says so only where a config of the workspace uses the same Redis or Kafka: otherwise the jobs are configured elsewhere. A
 *  servable that names neither is where the frontend's own options say, Redis as it comes where they say nothing: the job may be
 *  anywhere then. */
function withoutJob({ fields }: WrittenServable, workspace: Workspace): Problem[] {
  const queue = fields.get('redisInputQueue');
  const { store, isNamed } = storeOf(fields);
  if (!queue?.text || store === undefined) return [];
  const configs = Array.from(workspace.all()).filter(({ jobName }) => jobName !== '');
  const beside = configs.filter((facts) => isSameStore(facts.store, store));
  const candidates = isNamed ? beside : configs;
  if (beside.length === 0 || candidates.some(({ jobName }) => jobName === queue.text)) return [];
  const message = `No config of the workspace has the job ${queue.text} on ${store}.`;
  return [problem('servable-without-job', queue.range, message, { key: 'redisInputQueue' })];
}

interface ServableStore {
  /** Undefined where the value cannot be read. */
  readonly store: string | undefined;
  /** Whether the servable itself says so. */
  readonly isNamed: boolean;
}

function storeOf(fields: WrittenServable['fields']): ServableStore {
  const text = (name: string) => {
    const written = fields.get(name)?.text;
    return written === '' ? undefined : written;
  };
  const kind = text('queueUsed')?.toLowerCase();
  if (kind === 'kafka') {
    const { value } = readBrokers(text('kafkaUrl') ?? '');
    return { store: value && storeTextFor('kafka', value), isNamed: true };
  }
  const { host, port } = configKeys.redisUrl.default;
  const address = { host: text('redisHost') ?? host, port: Number(text('redisPort') ?? port) };
  return {
    store: storeTextFor('redis', [address]),
    isNamed: [kind, text('redisHost'), text('redisPort')].some((value) => value !== undefined),
  };
}

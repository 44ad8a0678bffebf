import type { Problem } from '../../../../schemas/config/problems.ts';
import { problem } from '../../config/problem.ts';
import type { ConfigText } from '../configText.ts';
import { factsOf, type AddressKey, type ConfigFacts, type Workspace } from '../workspace.ts';

const services: Readonly<Record<AddressKey, string>> = {
  redisUrl: 'Redis',
  kafkaUrl: 'Kafka',
  flinkRestUrl: 'Flink',
};

/** What a config and the others of the workspace have in common that they must not. */
export function checkShared({ uri, read }: ConfigText, workspace: Workspace): Problem[] {
  // The version of a file that git shows is no second config, and a text without a file is none yet.
  if (!uri.startsWith('file:')) return [];
  const facts = factsOf(uri, read);
  return [...sharedName(facts, read, workspace), ...sharedPorts(facts, workspace)];
}

/** A config without a jobName has the default, too: the problem then stands at modelPath, which makes it a config. */
function sharedName(facts: ConfigFacts, { origins }: ConfigText['read'], workspace: Workspace): Problem[] {
  const range = origins.jobName.valueRange ?? origins.modelPath.keyRange;
  const others = workspace.sameJob(facts);
  const other = firstOf(others);
  if (!range || !other) return [];
  const rest = others.length > 1 ? ` and ${others.length - 1} more` : '';
  const message = `The job "${facts.jobName}" on ${facts.store} is also that of ${fileName(other.uri)}${rest}.`;
  return [problem('job-name-shared', range, message, { key: 'jobName' })];
}

function sharedPorts(facts: ConfigFacts, workspace: Workspace): Problem[] {
  return facts.addresses.flatMap((written) => {
    const here = facts.addresses.find(
      ({ key, address }) => key !== written.key && address === written.address,
    );
    const there = firstOf(workspace.sameAddress(written).filter(({ uri }) => uri !== facts.uri));
    const other =
      here ?? there?.addresses.find(({ key, address }) => key !== written.key && address === written.address);
    if (!other) return [];
    const where = here ? '' : ` in ${fileName(there?.uri ?? '')}`;
    const message = `${written.address} is the address of ${services[written.key]} here, and of ${services[other.key]} by ${other.key}${where}.`;
    return [problem('port-shared', written.range, message, { key: written.key })];
  });
}

/** By name, so that it is the same one in whatever order the files were read. */
function firstOf(group: readonly ConfigFacts[]): ConfigFacts | undefined {
  const [one, ...more] = group;
  return one && more.reduce((first, next) => (next.uri < first.uri ? next : first), one);
}

/** The last two parts of a path: every config is called config.yaml. */
function fileName(uri: string): string {
  return decode(uri.split('/').slice(-2).join('/'));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import type { HostPort } from '../../../schemas/configKey.ts';
import type { Range } from '../../../schemas/problems.ts';
import type { ReadConfig } from '../config/readConfig.ts';
import { valueOf } from './configText.ts';

export type AddressKey = 'redisUrl' | 'kafkaUrl' | 'flinkRestUrl';

export interface WrittenAddress {
  readonly key: AddressKey;
  /** host:port; the names of this machine are one. */
  readonly address: string;
  readonly range: Range;
}

/** What other files need to know of a config. */
export interface ConfigFacts {
  readonly uri: string;
  /** Empty for what is no job yet: a template, or a text that cannot be read. */
  readonly jobName: string;
  readonly redis: string;
  /** Only those that stand in the file. */
  readonly addresses: readonly WrittenAddress[];
}

/** The configs that are known, open or not. */
export interface Workspace {
  /** @returns whether anything changed that other files may have problems with */
  set(facts: ConfigFacts): boolean;
  delete(uri: string): boolean;
  all(): Iterable<ConfigFacts>;
  sameJob(facts: ConfigFacts): readonly ConfigFacts[];
  /** Configs that give this address to another service. */
  sameAddress(address: WrittenAddress): readonly ConfigFacts[];
}

export function factsOf(uri: string, read: ReadConfig): ConfigFacts {
  const keys: readonly AddressKey[] = ['redisUrl', 'kafkaUrl', 'flinkRestUrl'];
  const addresses = keys.flatMap((key) => {
    const { origin, valueRange } = read.origins[key];
    return origin !== 'default' && valueRange
      ? [{ key, address: addressText(valueOf(read, key)), range: valueRange }]
      : [];
  });
  return {
    uri,
    jobName: valueOf(read, 'modelPath') === '' ? '' : valueOf(read, 'jobName'),
    redis: addressText(valueOf(read, 'redisUrl')),
    addresses,
  };
}

function addressText({ host, port }: HostPort): string {
  const isHere = /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0)$/i.test(host);
  return `${isHere ? 'localhost' : host.toLowerCase()}:${port}`;
}

/** Finds the configs that meet another in the same time, however many there are. */
export function createWorkspace(): Workspace {
  const configs = new Map<string, ConfigFacts>();
  const jobs = new Map<string, Map<string, ConfigFacts>>();
  const addresses = new Map<string, Map<string, ConfigFacts>>();

  function forget(uri: string): boolean {
    const known = configs.get(uri);
    if (!known) return false;
    configs.delete(uri);
    for (const [index, key] of placesOf(known)) {
      const group = index.get(key);
      group?.delete(uri);
      if (group?.size === 0) index.delete(key);
    }
    return true;
  }

  function placesOf(facts: ConfigFacts): [Map<string, Map<string, ConfigFacts>>, string][] {
    return [
      [jobs, jobOf(facts)],
      ...facts.addresses.map((a) => [addresses, a.address] as [typeof jobs, string]),
    ];
  }

  return {
    set(facts) {
      const before = configs.get(facts.uri);
      forget(facts.uri);
      configs.set(facts.uri, facts);
      for (const [index, key] of placesOf(facts)) {
        const group = index.get(key) ?? new Map<string, ConfigFacts>();
        index.set(key, group.set(facts.uri, facts));
      }
      return !before || identity(before) !== identity(facts);
    },
    delete: forget,
    all: () => configs.values(),
    sameJob: (facts) => (facts.jobName === '' ? [] : others(jobs.get(jobOf(facts)), facts.uri)),
    sameAddress: ({ address, key }) =>
      Array.from(addresses.get(address)?.values() ?? []).filter((facts) =>
        facts.addresses.some((written) => written.address === address && written.key !== key),
      ),
  };
}

function others(group: ReadonlyMap<string, ConfigFacts> | undefined, uri: string): readonly ConfigFacts[] {
  return Array.from(group?.values() ?? []).filter((facts) => facts.uri !== uri);
}

function jobOf({ jobName, redis }: ConfigFacts): string {
  return `${redis} ${jobName}`;
}

function identity({ jobName, redis, addresses }: ConfigFacts): string {
  return JSON.stringify([jobName, redis, addresses.map(({ key, address }) => [key, address])]);
}

import type { HostPort } from '../../../schemas/config/configKey.ts';
import { hostPortText } from '../../../schemas/config/hostPortText.ts';
import type { Range } from '../../../schemas/config/problems.ts';
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
  /** Where its queue is, with the service before the address. */
  readonly store: string;
  /** Only those that stand in the file. */
  readonly addresses: readonly WrittenAddress[];
}

/** The configs that are known, open or not. */
export interface Workspace {
  /** @returns the other configs whose problems may have changed with it */
  set(facts: ConfigFacts): readonly string[];
  delete(uri: string): readonly string[];
  all(): Iterable<ConfigFacts>;
  sameJob(facts: ConfigFacts): readonly ConfigFacts[];
  /** Configs that give this address to another service. */
  sameAddress(address: WrittenAddress): readonly ConfigFacts[];
}

export function factsOf(uri: string, read: ReadConfig): ConfigFacts {
  const keys: readonly AddressKey[] = ['redisUrl', 'kafkaUrl', 'flinkRestUrl'];
  const addresses = keys.flatMap((key) => {
    const { origin, valueRange } = read.origins[key];
    if (origin === 'default' || !valueRange) return [];
    const written = key === 'kafkaUrl' ? valueOf(read, key) : [valueOf(read, key)];
    return written.map((one) => ({ key, address: addressText(one), range: valueRange }));
  });
  return {
    uri,
    jobName: valueOf(read, 'modelPath') === '' ? '' : valueOf(read, 'jobName'),
    redis: addressText(valueOf(read, 'redisUrl')),
    store: storeTextOf(read),
    addresses,
  };
}

/** Where the queue of a config is, as `ConfigFacts.store` has it. */
export function storeTextOf(read: ReadConfig): string {
  const kind = valueOf(read, 'queueUsed');
  return storeTextFor(kind, kind === 'redis' ? [valueOf(read, 'redisUrl')] : valueOf(read, 'kafkaUrl'));
}

/** The same of a store that is named elsewhere. */
export function storeTextFor(kind: 'redis' | 'kafka', addresses: readonly HostPort[]): string {
  return `${storeKinds[kind]} ${addresses.map(addressText).sort().join(',')}`;
}

const storeKinds = { redis: 'Redis', kafka: 'Kafka' } as const;

/** Whether two stores are one: brokers of one Kafka need not all be named. */
export function isSameStore(a: string, b: string): boolean {
  const [kind, addresses = ''] = a.split(' ');
  const [otherKind, others = ''] = b.split(' ');
  return kind === otherKind && addresses.split(',').some((one) => others.split(',').includes(one));
}

/** host:port, with one name for this machine. */
export function addressText({ host, port }: HostPort): string {
  const isHere = /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|::1?)$/i.test(host);
  return hostPortText({ host: isHere ? 'localhost' : host.toLowerCase(), port });
}

type Index = Map<string, Map<string, ConfigFacts>>;

/** Finds the configs that meet another in the same time, however many there are.
 *  @param identityOf  what is the same for all URIs of one file, which never meets itself */
export function createWorkspace(identityOf: (uri: string) => string = (uri) => uri): Workspace {
  const configs = new Map<string, ConfigFacts>();
  const jobs: Index = new Map();
  const addresses: Index = new Map();

  function placesOf(facts: ConfigFacts): [Index, string][] {
    const job: [Index, string][] = facts.jobName === '' ? [] : [[jobs, jobOf(facts)]];
    return [...job, ...facts.addresses.map(({ address }): [Index, string] => [addresses, address])];
  }

  function sameJob(facts: ConfigFacts): readonly ConfigFacts[] {
    return facts.jobName === '' ? [] : others(jobs.get(jobOf(facts)), facts.uri);
  }

  function sameAddress({ address, key }: WrittenAddress): readonly ConfigFacts[] {
    const isOther = (written: WrittenAddress) => written.address === address && written.key !== key;
    const group = [...(addresses.get(address)?.values() ?? [])];
    return group.filter((facts) => facts.addresses.some(isOther));
  }

  function others(group: ReadonlyMap<string, ConfigFacts> | undefined, uri: string): readonly ConfigFacts[] {
    const met = [...(group?.values() ?? [])].filter((facts) => facts.uri !== uri);
    if (met.length === 0) return met;
    const own = identityOf(uri);
    return met.filter((facts) => identityOf(facts.uri) !== own);
  }

  function affectedBy(facts: ConfigFacts | undefined): string[] {
    if (!facts) return [];
    const met = [...sameJob(facts), ...facts.addresses.flatMap(sameAddress)];
    return met.map(({ uri }) => uri).filter((uri) => uri !== facts.uri);
  }

  function remove(facts: ConfigFacts | undefined): void {
    if (!facts) return;
    configs.delete(facts.uri);
    for (const [index, key] of placesOf(facts)) {
      const group = index.get(key);
      group?.delete(facts.uri);
      if (group?.size === 0) index.delete(key);
    }
  }

  return {
    set(facts) {
      const before = configs.get(facts.uri);
      const left = affectedBy(before);
      remove(before);
      configs.set(facts.uri, facts);
      for (const [index, key] of placesOf(facts)) {
        const group = index.get(key) ?? new Map<string, ConfigFacts>();
        index.set(key, group.set(facts.uri, facts));
      }
      if (before && identity(before) === identity(facts)) return [];
      return [...new Set([...left, ...affectedBy(facts)])];
    },
    delete(uri) {
      const before = configs.get(uri);
      const left = affectedBy(before);
      remove(before);
      return left;
    },
    all: () => configs.values(),
    sameJob,
    sameAddress,
  };
}

function jobOf({ jobName, store }: ConfigFacts): string {
  return `${store} ${jobName}`;
}

function identity({ jobName, store, addresses }: ConfigFacts): string {
  return JSON.stringify([jobName, store, addresses.map(({ key, address }) => [key, address])]);
}

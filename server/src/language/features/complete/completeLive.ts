import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { hostPortText } from '../../../../../schemas/config/hostPortText.ts';
import { resultTopic } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { valueOf, type ConfigText } from '../../configText.ts';
import { asWritten, complete, valueKeyOf } from './completion.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import type { Completion } from './completionItem.ts';
import type { Surroundings } from '../../diagnose.ts';
import type { FlinkOverview, KafkaTopic, Live } from '../../live.ts';
import { kafkaOf, redisOf } from './liveAddress.ts';

export interface CompletionList {
  readonly items: readonly Completion[];
  /** Something has not answered in time; it may, when the list is asked for again. */
  readonly isIncomplete: boolean;
}

/** The longest wait for a list, in ms. */
const maxMs = 300;
/** How many of the offered addresses are asked. */
const maxAsked = 5;

/** What can be written at an offset, from `complete`, and what running services add: the jobs of the config's Redis, or the topics
 *  of its Kafka, behind jobName; at each address for redisUrl the jobs that it knows, for kafkaUrl the topics, and for
 *  flinkRestUrl what the cluster there is doing. What is known without them comes first. */
export async function completeLive(
  config: ConfigText,
  offset: number,
  surroundings: Asking,
): Promise<CompletionList> {
  const cursor = cursorAt(config, offset);
  const key = valueKeyOf(cursor);
  const { live } = surroundings;
  const fixed = await complete(config, offset, surroundings, cursor);
  const isOverKafka = valueOf(config.read, 'queueUsed') === 'kafka';
  if (key === 'jobName' && cursor) {
    const names = isOverKafka ? topicsOf(config, surroundings) : jobsOf(config, surroundings);
    return withNames(fixed, await names, cursor);
  }
  if (key === 'redisUrl') {
    const own = redisOf(config, surroundings.files);
    return withDetails(fixed, async (address, signal) => {
      // The password is for the Redis that the config names, and for no other.
      const isOwn = own?.host === address.host && own.port === address.port;
      const names = await live.queues(isOwn ? own : { ...address, isSecure: false }, signal);
      return names && jobsText(names);
    });
  }
  if (key === 'kafkaUrl') {
    const own = kafkaOf(config, surroundings.files);
    return withDetails(fixed, async (address, signal) => {
      const isOwn = own?.brokers.some(({ host, port }) => host === address.host && port === address.port);
      const asked = { ...(own && isOwn ? own : { isSecure: false }), brokers: [address] };
      const topics = await live.topics(asked, signal);
      return topics && topicsText(forRecords(topics));
    });
  }
  if (key === 'flinkRestUrl')
    return withDetails(fixed, async (address, signal) => {
      const overview = await live.flink(address, signal);
      return overview === null ? '' : overview && flinkText(overview);
    });
  return { items: fixed, isIncomplete: false };
}

interface NamedJob {
  readonly name: string;
  readonly detail: string;
}

type Asking = Surroundings & { readonly live: Live };

/** @returns undefined where the Redis has not answered in time */
async function jobsOf(config: ConfigText, { live, files }: Asking): Promise<readonly NamedJob[] | undefined> {
  const address = redisOf(config, files);
  if (!address) return [];
  const names = await live.queues(address, AbortSignal.timeout(maxMs));
  return names?.map((name) => ({ name, detail: `runs on ${hostPortText(address)}` }));
}

/** @returns undefined where the Kafka has not answered in time */
async function topicsOf(
  config: ConfigText,
  { live, files }: Asking,
): Promise<readonly NamedJob[] | undefined> {
  const address = kafkaOf(config, files);
  if (!address) return [];
  const topics = await live.topics(address, AbortSignal.timeout(maxMs));
  const where = address.brokers.map(hostPortText).join(',');
  return topics && forRecords(topics).map((one) => ({ name: one.name, detail: topicText(one, where) }));
}

/** Those that may be topics of records: what a job keeps beside its own is none. */
function forRecords(topics: readonly KafkaTopic[]): readonly KafkaTopic[] {
  const made = resultTopic('');
  return topics.filter(({ name }) => !name.startsWith(made) && !name.startsWith('__'));
}

function topicText({ partitions }: KafkaTopic, where: string): string {
  return `topic on ${where}, ${partitions === 1 ? '1 partition' : `${partitions} partitions`}`;
}

function withNames(
  fixed: readonly Completion[],
  names: readonly NamedJob[] | undefined,
  cursor: Cursor,
): CompletionList {
  const [first] = fixed;
  if (!first) return { items: fixed, isIncomplete: false };
  const known = new Set(fixed.map(({ label }) => label));
  const more = (names ?? [])
    .filter(({ name }) => !known.has(name))
    .map(({ name, detail }, i): Completion => {
      const { range } = first;
      const item = {
        label: name,
        kind: 'reference',
        detail,
        range,
        text: name,
        rank: fixed.length + i,
      } as const;
      return asWritten(item, cursor);
    });
  return { items: [...fixed, ...more], isIncomplete: names === undefined };
}

/** @param describe  what to show beside an address, '' for nothing; undefined where it has not answered in time */
async function withDetails(
  fixed: readonly Completion[],
  describe: (address: HostPort, signal: AbortSignal) => Promise<string | undefined>,
): Promise<CompletionList> {
  const signal = AbortSignal.timeout(maxMs);
  let isIncomplete = false;
  const items = await Promise.all(
    fixed.map(async (item, i): Promise<Completion> => {
      const [, host, port] = /^([^\s:[\],]+|\[[\da-f:]+\]):(\d+)$/i.exec(item.label) ?? [];
      if (host === undefined || i >= maxAsked) return item;
      const detail = await describe({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }, signal);
      isIncomplete ||= detail === undefined;
      return { ...item, detail: [item.detail, detail].filter(Boolean).join(', ') };
    }),
  );
  return { items, isIncomplete };
}

function jobsText(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `runs ${names.length > 3 ? `${names.length} jobs` : names.join(', ')}`;
}

function topicsText(topics: readonly KafkaTopic[]): string {
  if (topics.length === 0) return '';
  return `has ${topics.length > 3 ? `${topics.length} topics` : topics.map(({ name }) => name).join(', ')}`;
}

function flinkText({ slots, freeSlots, jobs }: FlinkOverview): string {
  return `Flink: ${freeSlots} of ${slots} slots free, ${jobs === 1 ? '1 job runs' : `${jobs} jobs run`}`;
}

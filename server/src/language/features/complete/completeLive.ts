import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { valueOf, type ConfigText } from '../../configText.ts';
import { asWritten, complete, valueKeyOf } from './completion.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import type { Completion } from './completionItem.ts';
import type { Surroundings } from '../../diagnose.ts';
import type { Files } from '../../files.ts';
import type { FlinkOverview, Live, LiveAddress } from '../../live.ts';

export interface CompletionList {
  readonly items: readonly Completion[];
  /** Something has not answered in time; it may, when the list is asked for again. */
  readonly isIncomplete: boolean;
}

/** The longest wait for a list, in ms. */
const maxMs = 300;
/** How many of the offered addresses are asked. */
const maxAsked = 5;

/** What can be written at an offset, from `complete`, and what running services add: the jobs of the config's Redis
 *  behind jobName, at each address for redisUrl the jobs that it knows, and for flinkRestUrl what the cluster there is doing.
 *  What is known without them comes first. */
export async function completeLive(
  config: ConfigText,
  offset: number,
  surroundings: Surroundings & { readonly live: Live },
): Promise<CompletionList> {
  const cursor = cursorAt(config, offset);
  const key = valueKeyOf(cursor);
  const { live } = surroundings;
  const fixed = await complete(config, offset, surroundings, cursor);
  const own = addressOf(config, surroundings.files);
  if (key === 'jobName' && cursor) return withJobs(own, fixed, live, cursor);
  if (key === 'redisUrl')
    return withDetails(fixed, async (address, signal) => {
      // The password is for the Redis that the config names, and for no other.
      const isOwn = own?.host === address.host && own.port === address.port;
      const names = await live.queues(isOwn ? own : { ...address, isSecure: false }, signal);
      return names && jobsText(names);
    });
  if (key === 'flinkRestUrl')
    return withDetails(fixed, async (address, signal) => {
      const overview = await live.flink(address, signal);
      return overview === null ? '' : overview && flinkText(overview);
    });
  return { items: fixed, isIncomplete: false };
}

async function withJobs(
  address: LiveAddress | undefined,
  fixed: readonly Completion[],
  live: Live,
  cursor: Cursor,
): Promise<CompletionList> {
  const [first] = fixed;
  if (!address || !first) return { items: fixed, isIncomplete: false };
  const names = await live.queues(address, AbortSignal.timeout(maxMs));
  const detail = `runs on ${address.host}:${address.port}`;
  const known = new Set(fixed.map(({ label }) => label));
  const more = (names ?? [])
    .filter((name) => !known.has(name))
    .map((name, i): Completion => {
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
      const [, host, port] = /^([^\s:]+):(\d+)$/.exec(item.label) ?? [];
      if (host === undefined || i >= maxAsked) return item;
      const detail = await describe({ host, port: Number(port) }, signal);
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

function flinkText({ slots, freeSlots, jobs }: FlinkOverview): string {
  return `Flink: ${freeSlots} of ${slots} slots free, ${jobs === 1 ? '1 job runs' : `${jobs} jobs run`}`;
}

/** Undefined where the text alone is not enough: a value of the environment. */
function addressOf({ uri, read }: ConfigText, files: Files): LiveAddress | undefined {
  const username = valueOf(read, 'redisUsername');
  const password = valueOf(read, 'redisPassword')?.reveal() ?? '';
  const isSecure = valueOf(read, 'redisSecureEnabled');
  const store = isSecure ? valueOf(read, 'redisSecureTrustStorePath') : '';
  if ([username, password, store].some((text) => text.includes('${env:'))) return undefined;
  const trustStore = store === '' ? undefined : files.resolve(uri, store);
  if (store !== '' && trustStore === undefined) return undefined;
  return {
    ...valueOf(read, 'redisUrl'),
    isSecure,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(trustStore === undefined ? {} : { trustStore }),
  };
}

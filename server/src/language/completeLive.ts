import { valueOf, type ConfigText } from './configText.ts';
import { complete, valueAt } from './completion.ts';
import type { Completion } from './completionItem.ts';
import type { Surroundings } from './diagnose.ts';
import type { Live, LiveAddress } from './live.ts';

export interface CompletionList {
  readonly items: readonly Completion[];
  /** Something has not answered in time; it may, when the list is asked for again. */
  readonly isIncomplete: boolean;
}

/** Nobody waits longer for a list. */
const maxMs = 300;
/** Of the addresses that are offered, so many are asked. */
const maxAsked = 5;

/** What can be written at an offset, as `complete` tells it, and what running services add: the jobs of the config's Redis
 *  behind jobName, and at each address for redisUrl the jobs that it knows. What is known without them comes first. */
export async function completeLive(
  config: ConfigText,
  offset: number,
  surroundings: Surroundings & { readonly live: Live },
): Promise<CompletionList> {
  const key = valueAt(config, offset)?.key;
  const { live } = surroundings;
  const fixed = await complete(config, offset, surroundings);
  if (key === 'jobName') return withJobs(config, fixed, live);
  if (key === 'redisUrl') return withAddresses(config, fixed, live);
  return { items: fixed, isIncomplete: false };
}

async function withJobs(
  config: ConfigText,
  fixed: readonly Completion[],
  live: Live,
): Promise<CompletionList> {
  const address = addressOf(config);
  const [first] = fixed;
  if (!address || !first) return { items: fixed, isIncomplete: false };
  const names = await live.queues(address, AbortSignal.timeout(maxMs));
  const detail = `runs on ${address.host}:${address.port}`;
  const known = new Set(fixed.map(({ text }) => text));
  const more = (names ?? [])
    .filter((name) => !known.has(name))
    .map((name, i): Completion => {
      const { range } = first;
      return { label: name, kind: 'reference', detail, range, text: name, rank: fixed.length + i };
    });
  return { items: [...fixed, ...more], isIncomplete: names === undefined };
}

async function withAddresses(
  config: ConfigText,
  fixed: readonly Completion[],
  live: Live,
): Promise<CompletionList> {
  const signal = AbortSignal.timeout(maxMs);
  const own = addressOf(config);
  let isIncomplete = false;
  const items = await Promise.all(
    fixed.map(async (item, i): Promise<Completion> => {
      const [, host, port] = /^([^\s:]+):(\d+)$/.exec(item.text) ?? [];
      if (host === undefined || i >= maxAsked) return item;
      // The password is for the Redis that the config names, and for no other.
      const isOwn = own?.host === host && own.port === Number(port);
      const names = await live.queues(isOwn ? own : { host, port: Number(port), isSecure: false }, signal);
      isIncomplete ||= names === undefined;
      if (!names || names.length === 0) return item;
      const jobs = names.length > 3 ? `${names.length} jobs` : names.join(', ');
      return { ...item, detail: [item.detail, `runs ${jobs}`].filter((part) => part !== '').join(', ') };
    }),
  );
  return { items, isIncomplete };
}

/** Undefined where more is needed than the text tells: a trust store, or a value of the environment. */
function addressOf({ read }: ConfigText): LiveAddress | undefined {
  const username = valueOf(read, 'redisUsername');
  const password = valueOf(read, 'redisPassword')?.reveal() ?? '';
  const isSecure = valueOf(read, 'redisSecureEnabled');
  const isElsewhere = [username, password].some((text) => text.includes('${env:'));
  if (isElsewhere || (isSecure && valueOf(read, 'redisSecureTrustStorePath') !== '')) return undefined;
  return {
    ...valueOf(read, 'redisUrl'),
    isSecure,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

import type { Live } from '../language/live.ts';

/** In ms: an editor asks at every key press; within this time the last answer, or that there was none, is good enough. */
const maxAge = 3_000;
const maxAddresses = 100;

/** Asks running services, one question at a time for each, and only while it is allowed to. Who asks is loaded with the
 *  first question: most sessions have none. */
export function createLive(isAllowed: () => boolean): Live {
  const queues = remembering(async (address: Parameters<Live['queues']>[0], signal) =>
    (await import('./askQueues.ts')).askQueues(address, signal),
  );
  const topics = remembering(async (address: Parameters<Live['topics']>[0], signal) =>
    (await import('./askTopics.ts')).askTopics(address, signal),
  );
  const flink = remembering(async (address: Parameters<Live['flink']>[0], signal) =>
    (await import('./askFlink.ts')).askFlink(address, signal),
  );
  return {
    queues: (address, signal) => (isAllowed() ? queues(address, signal) : Promise.resolve([])),
    topics: (address, signal) => (isAllowed() ? topics(address, signal) : Promise.resolve([])),
    flink: (address, signal) => (isAllowed() ? flink(address, signal) : Promise.resolve(null)),
  };
}

function remembering<Address, Answer>(
  ask: (address: Address, signal: AbortSignal) => Promise<Answer>,
): (address: Address, signal: AbortSignal) => Promise<Answer> {
  const known = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();
  return (address, signal) => {
    const id = JSON.stringify(address);
    const last = known.get(id);
    if (last && Date.now() - last.at < maxAge) return last.answer;
    if (known.size >= maxAddresses) known.clear();
    const answer = ask(address, signal);
    known.set(id, { at: Date.now(), answer });
    return answer;
  };
}

import {
  deadHeaders,
  deadPartitions,
  deadTopic,
  inputTopic,
  recordHeaders,
} from '../../../../../schemas/kafka/kafkaTopics.ts';
import { repeatBounds, timeBounds } from '../../../../../schemas/redis/recordLimits.ts';
import type { ChangeReport, DeadLetter } from '../../../../../schemas/redis/queueReports.ts';
import { numberOf } from '../../fields.ts';
import { readToEnd, type Message, type TopicLog } from '../topicLog.ts';
import { uriOf } from './storedMessage.ts';

/** The dead letters of jobs. A letter that was put back stays where it is and is passed over, by a note in the partition beside it. */
export interface Letters {
  count(jobName: string): Promise<number>;
  /** The newest first. @param below  the offset to end before; undefined for the end */
  page(jobName: string, count: number, below: bigint | undefined): Promise<LetterPage>;
  one(jobName: string, id: string): Promise<Message | undefined>;
  /** Puts letters back into the queue they came from. */
  requeue(jobName: string, ids: readonly string[]): Promise<ChangeReport>;
  requeueAll(jobName: string): Promise<ChangeReport>;
}

export interface LetterPage {
  readonly letters: readonly Message[];
  readonly hasMore: boolean;
}

interface Known {
  from: bigint;
  to: bigint;
  /** Where the notes were read up to. */
  next: bigint;
  /** Offsets of letters that were put back. */
  readonly requeued: Set<bigint>;
}

/** This many letters are looked at together. */
const windowSize = 100n;

export function createLetters(log: TopicLog): Letters {
  const known = new Map<string, Known>();

  /** The letters that are there, and which of them were put back. */
  async function look(jobName: string): Promise<Known> {
    const topic = deadTopic(jobName);
    const ranges = await log.ranges(topic);
    const letters = ranges[deadPartitions.letters] ?? { from: 0n, to: 0n };
    const notes = ranges[deadPartitions.requeued] ?? { from: 0n, to: 0n };
    let state = known.get(topic);
    if (!state || state.next > notes.to || state.to > letters.to)
      state = { ...letters, next: notes.from, requeued: new Set() };
    known.set(topic, state);
    state.from = letters.from;
    state.to = letters.to;
    const { requeued } = state;
    const place = { topic, partition: deadPartitions.requeued, offset: state.next };
    if (notes.to > state.next)
      state.next = await readToEnd(log, place, (messages) => {
        for (const { key } of messages) if (/^\d{1,19}$/.test(String(key))) requeued.add(BigInt(String(key)));
      });
    for (const offset of requeued) if (offset < state.from) requeued.delete(offset);
    return state;
  }

  /** Those of [from, to) that are not put back, in order. */
  async function between(
    jobName: string,
    from: bigint,
    to: bigint,
    requeued: Set<bigint>,
  ): Promise<Message[]> {
    const found: Message[] = [];
    const place = { topic: deadTopic(jobName), partition: deadPartitions.letters, offset: from };
    await readToEnd(log, place, (messages) => {
      found.push(...messages.filter(({ offset }) => offset < to && !requeued.has(offset)));
      return (messages.at(-1)?.offset ?? to) < to - 1n;
    });
    return found;
  }

  async function putBack(jobName: string, letter: Message): Promise<void> {
    const headers = new Map(Array.from(letter.headers, ([name, text]) => [name, text.toString()]));
    // Who waited has gone; requests that shared a record have been sent again, each by itself.
    const left = [...Object.values(deadHeaders), recordHeaders.deadline, recordHeaders.sharedBy];
    for (const name of left) headers.delete(name);
    headers.set(recordHeaders.requeued, String(timesRequeued(letter) + 1));
    const { key, value } = letter;
    await log.append([{ topic: inputTopic(jobName), key, value, headers: Object.fromEntries(headers) }]);
    const note = { topic: deadTopic(jobName), partition: deadPartitions.requeued };
    await log.append([{ ...note, key: String(letter.offset), value: '' }]);
    known.get(deadTopic(jobName))?.requeued.add(letter.offset);
  }

  async function one(jobName: string, id: string): Promise<Message | undefined> {
    const offset = letterOffset(id);
    const state = await look(jobName);
    if (offset === undefined || offset < state.from || offset >= state.to) return undefined;
    return (await between(jobName, offset, offset + 1n, state.requeued))[0];
  }

  return {
    async count(jobName) {
      const { from, to, requeued } = await look(jobName);
      return Number(to - from) - requeued.size;
    },
    async page(jobName, count, below) {
      const { from, to, requeued } = await look(jobName);
      let high = below === undefined || below > to ? to : below;
      const letters: Message[] = [];
      while (letters.length <= count && high > from) {
        const low = high - windowSize > from ? high - windowSize : from;
        letters.push(...(await between(jobName, low, high, requeued)).reverse());
        high = low;
      }
      return { letters: letters.slice(0, count), hasMore: letters.length > count };
    },
    one,
    async requeue(jobName, ids) {
      const refused: ChangeReport['refused'][number][] = [];
      for (const id of ids) {
        const letter = await one(jobName, id);
        if (letter) await putBack(jobName, letter);
        else refused.push({ id, why: 'It is not among the dead letters.' });
      }
      return { jobName, done: ids.length - refused.length, refused };
    },
    async requeueAll(jobName) {
      const { from, to, requeued } = await look(jobName);
      let done = 0;
      for (let low = from; low < to; low += windowSize) {
        const high = low + windowSize < to ? low + windowSize : to;
        for (const letter of await between(jobName, low, high, requeued)) {
          await putBack(jobName, letter);
          done += 1;
        }
      }
      return { jobName, done, refused: [] };
    },
  };
}

const letterMark = 'dead-';

/** Its id among the dead letters, by its offset. */
export function letterId({ offset }: Message): string {
  return `${letterMark}${offset}`;
}

/** @returns undefined for what is no such id */
export function letterOffset(id: string): bigint | undefined {
  const text = id.startsWith(letterMark) ? id.slice(letterMark.length) : '';
  return /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

function timesRequeued({ headers }: Message): number {
  return numberOf(headers.get(recordHeaders.requeued)?.toString(), repeatBounds) ?? 0;
}

/** @param workers  `pid@host` by the id of a worker */
export function describeLetter(letter: Message, workers: ReadonlyMap<string, string>): DeadLetter {
  const header = (name: string) => letter.headers.get(name)?.toString();
  const uri = uriOf(letter);
  const consumer = header(deadHeaders.worker);
  const worker = consumer === undefined ? undefined : workers.get(consumer);
  const originalId = header(deadHeaders.id);
  return {
    id: letterId(letter),
    ...(uri === undefined ? {} : { uri }),
    reason: header(deadHeaders.reason) ?? '',
    at: numberOf(header(deadHeaders.time), timeBounds) ?? letter.time,
    deliveries: numberOf(header(deadHeaders.deliveries), repeatBounds) ?? 0,
    ...(consumer === undefined ? {} : { consumer }),
    ...(worker === undefined ? {} : { worker }),
    ...(originalId === undefined ? {} : { originalId }),
    requeued: timesRequeued(letter),
  };
}

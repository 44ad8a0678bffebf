import { resultField, resultPrefix, replyField, typedSerde } from '../../../schemas/redis/redisKeys.ts';
import { pause } from '../clients.ts';
import { createGenerator, judge, type Question } from '../generator.ts';
import { hangMs, shortestOf, type FuzzOptions, type FuzzReport } from './fuzz.ts';
import { loadMlp } from '../mlp.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from '../random.ts';
import { jobName, openWorld, type World } from '../world.ts';

/** Damaged records that are put in together. */
const atOnce = 100;
/** Good ones among them, whose answers must be right. */
const goodOnes = 5;
const giveUpMs = 20_000;

/** Puts damaged payloads into the queue. Each must get an answer, whatever it is; good ones among them the right one. */
export async function fuzzPayloads({ seed, count }: FuzzOptions): Promise<FuzzReport> {
  const random = createRandom(seed);
  const generator = createGenerator(createRandom(seed + 1), loadMlp());
  const outcomes = new Map<string, number>();
  const found: string[] = [];
  let slowestMs = 0;
  const world = await openWorld();
  try {
    for (let done = 0; done < count && found.length === 0; done += atOnce) {
      const size = Math.min(atOnce, count - done);
      const right = Array.from({ length: size + goodOnes }, () => generator.forQueue());
      const damaged = right.slice(0, size).map((one) => damage(random, one, right));
      const { answers, ms } = await ask(world, random.shuffle([...damaged, ...right.slice(size)]));
      slowestMs = Math.max(slowestMs, ms);
      for (const one of damaged) {
        const answer = answers.get(one.uri);
        const outcome = !answer ? 'unanswered' : isRefusal(answer) ? 'refused' : 'answered';
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (!answer) found.push(`unanswered: ${textOf(one)}`);
      }
      for (const one of right.slice(size)) {
        const answer = answers.get(one.uri);
        const verdict = answer ? judge(one, answer) : 'unanswered';
        if (verdict !== 'right') found.push(`a good record: ${JSON.stringify(verdict)}: ${textOf(one)}`);
      }
      if (ms > hangMs) found.push(...(await hangs(world, damaged)));
      found.push(...world.crashes());
    }
  } finally {
    await world.close();
  }
  return { count, outcomes, slowestMs, found };
}

function damage(random: Random, { uri, form, fields }: Question, right: readonly Question[]): Question {
  const payload = payloadOf(fields);
  const bytes = mutate(
    random,
    payload,
    right.map((one) => payloadOf(one.fields)),
  );
  const rest = random.next() < 0.9 ? fields.slice(2) : oddFields(random);
  return { uri, form, fields: ['data', bytes, ...rest], expected: undefined };
}

function oddFields(random: Random): (string | Buffer)[] {
  const text = random.pick(['stream', typedSerde, '', 'raw', '\0', 'x'.repeat(5_000)]);
  return [random.pick(['serde', replyField, 'data', 'other']), text];
}

const payloadOf = (fields: Question['fields']) => Buffer.from(fields[1] ?? '');
const textOf = ({ uri, fields }: Question) =>
  `${uri} ${fields.map((part) => (typeof part === 'string' ? part : `base64:${part.toString('base64')}`)).join(' ')}`;
const isRefusal = (answer: Buffer) =>
  answer.toString() === 'NaN' || answer.subarray(4, 13).toString() === '{"error":';

/** @returns the answers, and the longest time in which none came */
async function ask(
  world: World,
  questions: readonly Question[],
): Promise<{ answers: Map<string, Buffer>; ms: number }> {
  const { client } = world;
  const answers = new Map<string, Buffer>();
  const key = ({ uri }: Question) => resultPrefix(jobName) + uri;
  await Promise.all(questions.map((one) => client.xadd(jobName, '*', 'uri', one.uri, ...one.fields)));
  const start = performance.now();
  let lastAt = start;
  let ms = 0;
  let open = questions;
  while (open.length > 0 && performance.now() - lastAt < giveUpMs && world.crashes().length === 0) {
    const values = await Promise.all(open.map((one) => client.hgetBuffer(key(one), resultField)));
    const now = performance.now();
    ms = Math.max(ms, now - lastAt);
    values.forEach((value, i) => {
      const one = open[i];
      if (value && one) answers.set(one.uri, value);
    });
    if (values.some((value) => value !== null)) lastAt = now;
    const answered = open.filter(({ uri }) => answers.has(uri));
    if (answered.length > 0) await client.del(...answered.map(key));
    open = open.filter(({ uri }) => !answers.has(uri));
    await pause(2);
  }
  return { answers, ms };
}

async function hangs(world: World, questions: readonly Question[]): Promise<string[]> {
  const found: string[] = [];
  for (const one of questions) {
    const ms = await shortestOf(async () => (await ask(world, [one])).ms);
    if (ms > hangMs) found.push(`hangs for ${ms.toFixed(0)} ms: ${textOf(one)}`);
  }
  return found;
}

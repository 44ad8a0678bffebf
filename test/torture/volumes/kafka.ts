import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadHeaders, deadTopic, recordHeaders, resultTopic } from '../../../schemas/kafka/kafkaTopics.ts';
import { typedSerde } from '../../../schemas/redis/redisKeys.ts';
import { startKafka, type RawMessage, type StoredMessage, type TestKafka } from '../../support/kafka.ts';
import { eventually } from '../../support/redis.ts';
import { models } from '../../support/serving.ts';
import { createGenerator, judge, type Question } from '../generator.ts';
import { loadMlp } from '../mlp.ts';
import { createRandom, type Random } from '../random.ts';
import { createWorkerPool, type WorkerPool } from '../workers.ts';

export interface KafkaTortureOptions {
  readonly seed: number;
  readonly records: number;
  readonly workers: number;
  readonly workerKills: number;
  readonly brokerKills: number;
  readonly say: (line: string) => void;
}

export interface KafkaTortureReport {
  readonly records: number;
  readonly workerKills: number;
  readonly brokerKills: number;
  /** Records that stand in the topic more than once, since their client could not know that they were written. */
  readonly sentTwice: number;
  /** Results beyond the first of a record. */
  readonly duplicates: number;
  /** Of those, the ones whose last kill before was of the broker. */
  readonly duplicatesAfterBroker: number;
  readonly deadLetters: number;
  readonly seconds: number;
  /** What was lost, wrong, or given up without a reason of its own. */
  readonly found: readonly string[];
}

/** From a kill to the next one. */
interface Span {
  readonly step: 'worker' | 'broker';
  /** In ms since 1970. */
  readonly from: number;
}

const jobName = 'mortal';
const partitions = 4;
/** A portion of records goes before each kill, and the kill comes when some of it is answered. */
const stallMs = 120_000;

/** Kills workers and the broker while records are served, and judges every result. Nothing may be lost or wrong; a record may be
 *  answered twice, and then alike. */
export async function tortureKafka(options: KafkaTortureOptions): Promise<KafkaTortureReport> {
  const { seed, records, say } = options;
  const random = createRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-kafka-torture-'));
  const kafka = await startKafka({ properties: { 'group.min.session.timeout.ms': 1_000 } });
  const pool = createWorkerPool({ folder, redisPort: kafka.port, configFor: () => configOf(kafka) });
  const generator = createGenerator(random, loadMlp());
  const questions: Question[] = [];
  const spans: Span[] = [];
  const began = performance.now();
  try {
    await kafka.createTopic(jobName, partitions);
    await kafka.createTopic(resultTopic(jobName), partitions);
    await pool.fill(options.workers);
    const plan = planOf(options, random);
    const portion = Math.ceil(records / plan.length);
    for (const [i, step] of plan.entries()) {
      const some = Array.from({ length: Math.min(portion, records - questions.length) }, () =>
        generator.forQueue(),
      );
      questions.push(...some);
      const known = await kafka.count(resultTopic(jobName));
      await send(kafka, some, random);
      // Within the work on this portion, or just after it.
      const share = Math.ceil(some.length * random.next());
      await eventually(
        `results before kill ${i + 1}`,
        async () => (await kafka.count(resultTopic(jobName))) >= known + share,
        stallMs,
      );
      spans.push({ step, from: Date.now() });
      if (step === 'broker') {
        await kafka.kill();
        await kafka.start();
      } else {
        await random.pick(pool.alive).kill();
        await pool.fill(options.workers);
      }
      if ((i + 1) % 10 === 0) say(`${i + 1} of ${plan.length} kills, ${questions.length} records sent`);
    }
    const left = await waitForResults(kafka, questions);
    const seconds = (performance.now() - began) / 1000;
    return { ...(await check(kafka, questions, left, pool, spans)), ...planFigures(plan), seconds };
  } finally {
    await pool.close();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(kafka: TestKafka): string {
  return [
    `modelPath: ${join(models, 'mlp')}`,
    `jobName: ${jobName}`,
    'queueUsed: kafka',
    `kafkaUrl: ${kafka.url}`,
    'claimIdleMs: 2000',
    '',
  ].join('\n');
}

/** The kills in an order of chance. */
function planOf({ workerKills, brokerKills }: KafkaTortureOptions, random: Random): ('worker' | 'broker')[] {
  const left = { worker: workerKills, broker: brokerKills };
  const plan: ('worker' | 'broker')[] = [];
  while (left.worker + left.broker > 0) {
    const kind = random.next() * (left.worker + left.broker) < left.worker ? 'worker' : 'broker';
    left[kind] -= 1;
    plan.push(kind);
  }
  return plan;
}

function planFigures(plan: readonly string[]) {
  const brokerKills = plan.filter((step) => step === 'broker').length;
  return { workerKills: plan.length - brokerKills, brokerKills };
}

/** Sends until all is acknowledged. */
async function send(kafka: TestKafka, questions: readonly Question[], random: Random): Promise<void> {
  const messages = questions.map((question) => messageOf(question, random));
  await eventually(
    'records sent',
    () =>
      kafka.produce(jobName, messages).then(
        () => true,
        () => false,
      ),
    stallMs,
  );
}

/** As the original's Python client writes it, whose keys have quotes, or with bare keys. */
function messageOf({ uri, fields }: Question, random: Random): RawMessage {
  const key = random.next() < 0.5 ? uri : JSON.stringify(uri);
  const pairs = Array.from({ length: fields.length / 2 }, (_, i) => [
    String(fields[2 * i]),
    fields[2 * i + 1] ?? '',
  ]);
  const entry = Object.fromEntries(pairs) as Record<string, string | Buffer>;
  const { data, serde, reply } = entry;
  const wanted: Record<string, string> = reply === undefined ? {} : { [recordHeaders.reply]: String(reply) };
  if (Buffer.isBuffer(data))
    return {
      key,
      value: data,
      headers: { [recordHeaders.uri]: uri, [recordHeaders.serde]: String(serde ?? typedSerde), ...wanted },
    };
  return { key, value: JSON.stringify({ ...entry, reply: undefined, uri }), headers: wanted };
}

/** @returns the records that have no result at last */
async function waitForResults(
  kafka: TestKafka,
  questions: readonly Question[],
): Promise<ReadonlySet<string>> {
  let missing = new Set(questions.map(({ uri }) => uri));
  let last = missing.size;
  let end = performance.now() + stallMs;
  while (missing.size > 0 && performance.now() < end) {
    const answered = new Set((await kafka.readAll(resultTopic(jobName))).map(({ key }) => key));
    missing = new Set([...missing].filter((uri) => !answered.has(uri)));
    if (missing.size < last) end = performance.now() + stallMs;
    last = missing.size;
  }
  return missing;
}

async function check(
  kafka: TestKafka,
  questions: readonly Question[],
  missing: ReadonlySet<string>,
  pool: WorkerPool,
  spans: readonly Span[],
): Promise<Omit<KafkaTortureReport, 'workerKills' | 'brokerKills' | 'seconds'>> {
  const results = await kafka.readAll(resultTopic(jobName));
  const again = timesAgain(results);
  const letters = await kafka.readAll(deadTopic(jobName));
  const byUri = new Map(questions.map((question) => [question.uri, question]));
  const reasons = new Map(letters.map(({ key, headers }) => [key, reasonIn(headers)]));
  const found = [...missing].map((uri) => `lost: ${uri}`);
  for (const result of results) found.push(...faultOf(byUri.get(result.key), result, reasons));
  found.push(...pool.crashes);
  return {
    records: questions.length,
    sentTwice: (await kafka.count(jobName)) - questions.length,
    duplicates: again.length,
    duplicatesAfterBroker: again.filter((at) => stepBefore(spans, at) === 'broker').length,
    deadLetters: letters.length,
    found,
  };
}

/** When a record was answered that had an answer, in ms since 1970, for each such answer. */
function timesAgain(results: readonly StoredMessage[]): readonly number[] {
  const seen = new Set<string>();
  return [...results]
    .sort((a, b) => a.timestamp - b.timestamp)
    .filter(({ key }) => seen.size === seen.add(key).size)
    .map(({ timestamp }) => timestamp);
}

function stepBefore(spans: readonly Span[], at: number): Span['step'] | undefined {
  return spans.findLast(({ from }) => from <= at)?.step;
}

/** Why a record was given up, and after how many deliveries. */
function reasonIn(headers: ReadonlyMap<string, string>): string {
  return [deadHeaders.reason, deadHeaders.deliveries, deadHeaders.id]
    .map((name) => `${name} ${headers.get(name) ?? 'none'}`)
    .join(', ');
}

/** @param reasons  of dead letters, by the keys of their messages, which may have quotes */
function faultOf(
  question: Question | undefined,
  { key, value }: StoredMessage,
  reasons: ReadonlyMap<string, string>,
): string[] {
  if (!question) return [`made up: ${key}`];
  const verdict = judge(question, value);
  if (verdict === 'right') return [];
  if (verdict !== 'givenUp') return [`wrong: ${key}: ${verdict.wrong}`];
  return [`given up: ${key}: ${reasons.get(key) ?? reasons.get(JSON.stringify(key)) ?? 'no dead letter'}`];
}

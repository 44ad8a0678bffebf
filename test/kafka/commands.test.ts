import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetter, QueueReport } from '../../schemas/redis/queueReports.ts';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { eventually } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { startFrontend, type RunningFrontend } from './frontend.ts';

/* The commands on a job whose records are in Kafka. No Redis runs. */

const user = { name: 'serving', password: 'right-horse' };
/** Nothing listens there: what asked a Redis all the same would fail. */
const noRedis = 'redisUrl: 127.0.0.1:1\n';

let kafka: TestKafka;
let shop: Workshop;
let config: string;
beforeAll(async () => {
  kafka = await startKafka({ users: { [user.name]: user.password } });
  shop = openWorkshop('kafka commands');
  config = shop.config('digits', configText('digits'));
});
afterAll(async () => {
  await shop.close();
  await kafka.stop();
});

function configText(jobName: string, more = ''): string {
  return `modelPath: ${join(models, 'mlp')}\njobName: ${jobName}\nqueueUsed: kafka\nkafkaUrl: ${kafka.url}\n${noRedis}${more}`;
}

async function queue(name: string): Promise<QueueReport | undefined> {
  const { queues } = JSON.parse(await shop.must('queue', 'list', '--json', '-c', config)) as {
    queues: QueueReport[];
  };
  return queues.find(({ jobName }) => jobName === name);
}

async function letters(): Promise<readonly DeadLetter[]> {
  const page = await shop.must('queue', 'dead', 'digits', '--json', '-c', config);
  return (JSON.parse(page) as { records: DeadLetter[] }).records;
}

const row = Array.from({ length: 64 }, (_, i) => i / 64);

describe('a job on Kafka', () => {
  beforeAll(async () => {
    await shop.must('start', '-c', config);
  });
  afterAll(() => shop.must('stop', '-c', config));

  test('is listed with its worker, and named as one on Kafka', async () => {
    const [job] = await shop.jobs(config);
    expect(job).toMatchObject({ jobName: 'digits', state: 'running', redis: `kafka://${kafka.url}` });
    expect(await shop.must('status', 'digits', '-c', config)).toContain(`Kafka ${kafka.url}`);
    expect(await shop.must('list', '-c', config)).toContain('digits');
  });

  test('answers predict by its own result, whatever other results are in the topic', async () => {
    await kafka.produce('cluster-serving_digits', [{ key: 'another', value: 'NaN' }]);
    const input = join(shop.folder, 'input.json');
    writeFileSync(input, JSON.stringify({ instances: [{ x: row }] }));
    const answer = await shop.must('predict', input, '-c', config, '--json');
    expect(answer).toContain('47.12');
  });

  test('puts bad records among the dead letters, from where they are put back once', async () => {
    await kafka.produce('digits', [
      { key: '"bad-1"', value: '{"uri":"bad-1","data":"nonsense"}' },
      { key: '"bad-2"', value: 'not even JSON' },
    ]);
    await eventually('two dead letters', async () => (await letters()).length === 2);
    const [first, second] = await letters();
    expect([first?.uri, second?.uri].sort()).toEqual(['bad-1', 'bad-2']);
    expect(first?.reason).toContain('record-undecodable');
    expect(await shop.must('queue', 'peek', 'digits', '--dead', '--count', '5', '-c', config)).toContain(
      'bad-1',
    );

    await shop.must('queue', 'requeue', 'digits', first?.id ?? '', '-c', config);
    await eventually('the letter to come again', async () =>
      (await letters()).some(({ uri, requeued }) => uri === first?.uri && requeued === 1),
    );
    const after = await letters();
    expect(after.map(({ id }) => id)).not.toContain(first?.id);
    expect(after).toHaveLength(2);
    const again = await shop.cli('queue', 'requeue', 'digits', first?.id ?? '', '-c', config);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('It is not among the dead letters.');
  });

  test('says of each partition how far behind it is and who reads it', async () => {
    const report = await queue('digits');
    expect(report?.partitions).toMatchObject([{ partition: 0, lag: 0 }]);
    expect(report?.partitions?.[0]?.worker).toMatch(/^\d+@/);
    expect(report).toMatchObject({ waiting: 0, pending: 0, dead: 2 });
    expect(await shop.must('queue', 'list', '-c', config)).toContain('partition 0: 0 behind');
  });

  test.each([
    ['kill', ['kill', 'digits', '0-0']],
    ['clear', ['clear', 'digits', '--waiting', '--yes']],
    ['clear', ['clear', 'digits', '--dead', '--yes']],
  ])('refuses what a topic cannot do: queue %s', async (_name, args) => {
    const { code, stdout } = await shop.cli('queue', ...args, '-c', config, '--json');
    expect(code).toBe(1);
    expect(stdout).toContain('kafka-append-only');
  });

  test('offers no way back of what was put back, and refuses one that is asked for', async () => {
    const { stdout: put } = await shop.cli('queue', 'requeue', 'digits', '--all', '-c', config, '--json');
    expect(JSON.parse(put)).not.toHaveProperty('undo');
    const report = join(shop.folder, 'report.json');
    const undo = { change: 'requeue', records: [{ id: '0-0' }] };
    writeFileSync(report, JSON.stringify({ jobName: 'digits', undo }));
    const { code, stdout } = await shop.cli('queue', 'undo', report, '-c', config, '--json');
    expect(code).toBe(1);
    expect(stdout).toContain('kafka-append-only');
  });

  test('is found by the doctor to have all that it needs', async () => {
    const text = await shop.must('doctor', '-c', config);
    expect(text).toContain(`Kafka: ${kafka.url} answers`);
    expect(text).toContain('topic: "digits" has 1 partition');
    expect(text).not.toContain('PROBLEM');
  });

  test('refuses a second start of the same name', async () => {
    const { code, stderr } = await shop.cli('start', '-c', config);
    expect(code).toBe(1);
    expect(stderr).toContain('already runs');
  });

  describe('behind an HTTP frontend', () => {
    let frontend: RunningFrontend;
    beforeAll(async () => {
      frontend = await startFrontend(config, shop.state);
    });
    afterAll(() => frontend.stop());

    test('answers /predict as through Redis', async () => {
      const { status, body } = await frontend.post('/predict', { instances: [{ x: row }] });
      expect(status).toBe(200);
      expect(body).toContain('47.123');
    });

    test('answers the Open Inference Protocol', async () => {
      const inputs = [{ name: 'x', shape: [1, 64], datatype: 'FP32', data: row }];
      const { status, body } = await frontend.post('/v2/models/digits/infer', { inputs });
      expect(status).toBe(200);
      const { outputs } = JSON.parse(body) as { outputs: { shape: number[]; data: number[] }[] };
      expect(outputs[0]?.shape).toEqual([1, 10]);
      expect(outputs[0]?.data[1]).toBeCloseTo(47.1235, 3);
    });

    test('answers many at once, each its own', async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          frontend.post('/predict', { instances: [{ x: row.map((value) => value * i) }] }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(40);
    });

    test('is listed, and stops when it is asked to', async () => {
      await eventually('the frontend in the list', async () =>
        (await shop.must('list', '-c', config)).includes('HTTP frontend'),
      );
      await shop.must('stop', '--http', frontend.url, '-c', config);
      await eventually(
        'the frontend to be gone',
        async () => !(await shop.must('list', '-c', config)).includes('HTTP frontend'),
      );
    });
  });
});

test('records that wait are shown and counted without a worker, and are answered by the next start', async () => {
  const late = shop.config('late', configText('late'));
  await kafka.createTopic('late', 2);
  await kafka.produce(
    'late',
    [0, 1, 0].map((partition, i) => ({
      partition,
      key: `r${i}`,
      value: JSON.stringify({ uri: `r${i}`, data: 'x' }),
    })),
  );
  const list = JSON.parse(await shop.must('queue', 'list', 'late', '--json', '-c', late)) as {
    queues: QueueReport[];
  };
  expect(list.queues).toMatchObject([{ jobName: 'late', waiting: 3, pending: 0 }]);
  const first = JSON.parse(
    await shop.must('queue', 'waiting', 'late', '--count', '2', '--json', '-c', late),
  ) as {
    records: { id: string; uri: string }[];
    next: string;
  };
  expect(first.records.map(({ id, uri }) => [id, uri])).toEqual([
    ['0-0', 'r0'],
    ['0-1', 'r2'],
  ]);
  const rest = await shop.must('queue', 'waiting', 'late', '--after', first.next, '--json', '-c', late);
  expect((JSON.parse(rest) as { records: { id: string }[] }).records.map(({ id }) => id)).toEqual(['1-0']);
  expect((await kafka.committed('late')).size).toBe(0);
  await shop.must('start', '-c', late);
  await eventually('three answers', async () => (await kafka.count('cluster-serving_late')) === 3);
  await shop.must('shutdown', '--yes', '-c', late);
  expect(await shop.jobs(late)).toEqual([]);
});

test.each([
  ['nothing listens', () => 'kafkaUrl: 127.0.0.1:1', 'kafka-refused', 'nothing listens there'],
  [
    'the password is wrong',
    () => `kafkaUrl: 127.0.0.1:${kafka.saslPort}\nkafkaUsername: ${user.name}\nkafkaPassword: wrong`,
    'kafka-auth',
    'refuses the user name or password',
  ],
])('a start where %s fails in one sentence', async (_name, lines, code, sentence) => {
  const path = shop.config('wrong', `modelPath: ${join(models, 'mlp')}\nqueueUsed: kafka\n${lines()}\n`);
  const json = await shop.cli('start', '-c', path, '--json');
  expect(json.code).toBe(1);
  expect(json.stdout).toContain(code);
  const { stderr } = await shop.cli('start', '-c', path);
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(sentence)]);
});

test('a job signs in by SASL', async () => {
  const lines = `kafkaUrl: 127.0.0.1:${kafka.saslPort}\nkafkaUsername: ${user.name}\nkafkaPassword: \${env:PASSWORD}\n`;
  const path = shop.config(
    'sasl',
    `modelPath: ${join(models, 'mlp')}\njobName: sasl\nqueueUsed: kafka\n${lines}`,
  );
  const env = { PASSWORD: user.password };
  const started = await shop.cliWith({ env }, 'start', '-c', path);
  expect(started.stderr).toBe('');
  expect(started.code).toBe(0);
  expect((await shop.cliWith({ env }, 'stop', '-c', path)).code).toBe(0);
});

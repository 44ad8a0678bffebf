import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type TestKafka } from '../support/kafka.ts';

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka.stop());

it('keeps what was written when the broker is killed and started again on its port', async () => {
  await kafka.createTopic('kept', 2);
  await kafka.produce('kept', [
    { key: 'a', value: '1', partition: 0, headers: { reason: 'none' } },
    { key: 'b', value: '2', partition: 1 },
  ]);
  const { pid } = kafka;
  await kafka.kill();
  await kafka.start();
  expect(kafka.pid).not.toBe(pid);
  const read = await kafka.readAll('kept');
  expect(read.map(({ key, value, partition }) => [key, String(value), partition])).toEqual([
    ['a', '1', 0],
    ['b', '2', 1],
  ]);
  expect(read[0]?.headers.get('reason')).toBe('none');
  expect(await kafka.committed('kept')).toEqual(new Map());
  await kafka.deleteTopic('kept');
  expect(await kafka.readAll('kept')).toEqual([]);
});

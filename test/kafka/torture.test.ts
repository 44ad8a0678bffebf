import { expect, it } from 'vitest';
import { tortureKafka } from '../torture/volumes/kafka.ts';

/* A short run of `npm run torture -- --kafka`. */

it('loses no record and answers none wrong while workers and the broker are killed', async () => {
  const seed = Date.now() % 1_000_000;
  const report = await tortureKafka({
    seed,
    records: 400,
    workers: 2,
    workerKills: 3,
    brokerKills: 1,
    say: (line) => console.log(line),
  });
  const { found, records, duplicates, sentTwice } = report;
  console.log(`seed ${seed}: ${records} records, ${duplicates} answered again, ${sentTwice} sent twice`);
  expect(found).toEqual([]);
  expect(records).toBe(400);
});

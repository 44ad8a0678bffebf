import { createKafkaQueue } from '../../server/src/queue/kafka/worker/kafkaQueue.ts';

/* A worker that dies of some records: node mortal.mjs port jobName workerId. It answers all others, and gives up what two workers
   have died of alone, as the engine does. */

const [port = '', jobName = '', workerId = ''] = process.argv.slice(2);
const deathsAllowed = 2;

const queue = createKafkaQueue({
  address: { kind: 'kafka', brokers: [{ host: '127.0.0.1', port: Number(port) }], timeoutMs: 10_000 },
  jobName,
  workerId,
  claimIdleMs: 1_000,
  partitions: 1,
  readSecret: () => Promise.resolve(undefined),
  onTrouble: () => undefined,
});
await queue.open();
for (;;) {
  const records = await queue.take(8, 500);
  const isOver = (record: (typeof records)[number]) => record.deaths >= deathsAllowed;
  const given = records.filter((record) => !isOver(record));
  if (given.length > 0) await queue.noteRunning(given);
  if (given.some(({ uri }) => uri?.startsWith('poison'))) process.kill(process.pid, 'SIGKILL');
  await queue.finish(
    records.map((record) =>
      isOver(record) ? { record, value: 'NaN', reason: 'delivery-limit: too often' } : { record, value: '1' },
    ),
  );
}

import { beforeEach, describe, expect, test } from 'vitest';
import type { Heartbeat, QueueFigures, Registration } from '../../../../schemas/jobEvents.ts';
import { registryPartitions, registryTopic } from '../../../../schemas/kafka/kafkaTopics.ts';
import { heartbeatTtlMs } from '../../../../schemas/redis/redisKeys.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { createKafkaRegistry } from '../../../../server/src/queue/kafka/registry/kafkaRegistry.ts';
import { createRegistryLog } from '../../../../server/src/queue/kafka/registry/registryLog.ts';
import { createWorkerEntry } from '../../../../server/src/queue/kafka/registry/workerEntry.ts';
import type { Registry } from '../../../../server/src/queue/store.ts';
import { createMemoryLog, type MemoryLog } from '../../../support/memoryLog.ts';

const figures: QueueFigures = { waiting: 1, pending: 2, dead: 0, oldestAgeMs: 0 };
const starter = { host: 'h', pid: 1, space: 's', began: 'b', since: 1 };

let log: MemoryLog;
/** This machine's clock is ahead of the broker's. */
const skewMs = 40_000;
const clock = () => log.time + skewMs;

beforeEach(async () => {
  log = createMemoryLog();
  await log.ensure(registryTopic, Object.keys(registryPartitions).length, {});
});

function registryOf(onFigures: (jobName: string, inHand: number) => void = () => undefined): Registry {
  return createKafkaRegistry(createRegistryLog(log, { clock }), (jobName, inHand) => {
    onFigures(jobName, inHand);
    return Promise.resolve(figures);
  });
}

function registration(workerId: string, jobName = 'digits'): Registration {
  return {
    ...{ workerId, jobName, backend: 'embedded', host: 'h', pid: 7, configPath: '/c', configDigest: 'd' },
    logFile: '/l',
    startedAt: 1_700_000_000_000,
  };
}

function heartbeat(workerId: string, more: Partial<Heartbeat> = {}): Heartbeat {
  const none = { p50: 0, p95: 0, p99: 0 };
  return {
    ...{
      workerId,
      jobName: 'digits',
      at: 1_700_000_000_000,
      state: 'ready',
      modelType: 'onnx',
      modelFile: 'm',
    },
    ...{ inputs: [], outputs: [], batched: true, processed: 0, failed: 0, expired: 0, recordsPerSecond: 0 },
    batchSize: { mean: 0, max: 0 },
    latencyMs: { queueWait: none, decode: none, inference: none, write: none },
    ...{ inHand: 0, takenOver: 0, reconnects: 0, rssBytes: 1 },
    ...more,
  };
}

function workerOf() {
  return createWorkerEntry(log, () => Promise.resolve(undefined));
}

describe('a worker in the registry of a Kafka', () => {
  test('is reported as running while it beats, by the clock of the broker', async () => {
    const inHand: number[] = [];
    const registry = registryOf((_name, count) => inHand.push(count));
    await workerOf().renew(registration('w1'), heartbeat('w1', { inHand: 3 }));
    const [job] = await registry.readJobReports('kafka://b:1', () => false);
    expect(job).toMatchObject({ jobName: 'digits', state: 'running', redis: 'kafka://b:1', queue: figures });
    expect(inHand).toEqual([3]);
    expect(await registry.isServing(registration('w1'))).toBe(true);

    log.time += heartbeatTtlMs + 1;
    expect(await registry.readLiving([registration('w1')])).toEqual([]);
    expect(await registry.isServing(registration('w1'))).toBe(false);
  });

  test('that died is known to a program that comes later, and is failed', async () => {
    await workerOf().renew(registration('w1'), heartbeat('w1'));
    log.time += startLimits.readyMs + 1;
    const [job] = await registryOf().readJobReports('', () => false);
    expect(job).toMatchObject({ state: 'failed', workers: [{ registration: { workerId: 'w1' } }] });
    expect(job?.workers[0]?.heartbeat).toBeUndefined();
  });

  test('that ended is forgotten, and one that failed leaves the reason', async () => {
    const worker = workerOf();
    await worker.renew(registration('w1'), heartbeat('w1'));
    await worker.renew(registration('w2'), heartbeat('w2'));
    await worker.forget('w1');
    await worker.fail(registration('w2'), 'the model broke');
    const registry = registryOf();
    expect((await registry.readRegistrations()).map(({ workerId }) => workerId)).toEqual(['w2']);
    const [job] = await registry.readJobReports('', () => false);
    expect(job).toMatchObject({ state: 'failed', failure: 'the model broke' });
  });

  test('is asked to stop and to reload, and hears of each once', async () => {
    const worker = workerOf();
    const renew = () => worker.renew(registration('w1'), heartbeat('w1'));
    expect(await renew()).toEqual({ stop: false });
    const registry = registryOf();
    await registry.askToReload('w1', { by: 'command' }, 'id-1');
    expect((await renew()).reload).toEqual({ by: 'command', asked: 'id-1' });
    expect(await renew()).toEqual({ stop: false });
    log.time += 1;
    await registry.askToStop('w2');
    expect(await renew()).toEqual({ stop: false });
    await registry.askToStop('w1');
    expect((await renew()).stop).toBe(true);
  });

  test('writes its registration again when the topic was deleted', async () => {
    const worker = workerOf();
    await worker.renew(registration('w1'), heartbeat('w1'));
    await worker.renew(registration('w1'), heartbeat('w1'));
    expect(log.messages(registryTopic, registryPartitions.entries)).toHaveLength(1);
    log.deleteTopic(registryTopic);
    await log.ensure(registryTopic, 2, {});
    await worker.renew(registration('w1'), heartbeat('w1'));
    await worker.renew(registration('w1'), heartbeat('w1'));
    expect((await registryOf().readRegistrations()).map(({ workerId }) => workerId)).toEqual(['w1']);
  });

  test('is found after compaction, whatever else was written', async () => {
    const worker = workerOf();
    for (let i = 0; i < 10; i += 1) {
      log.time += 1_000;
      await worker.renew(registration('w1'), heartbeat('w1', { processed: i }));
    }
    log.compact(registryTopic, registryPartitions.entries);
    log.compact(registryTopic, registryPartitions.beats);
    const [job] = await registryOf().readJobReports('', () => false);
    expect(job?.workers[0]?.heartbeat?.processed).toBe(9);
  });

  test('says what came of its reload', async () => {
    const reload = { by: 'command', asked: 'id-1', state: 'done', at: 1_700_000_000_000 } as const;
    await workerOf().renew(registration('w1'), heartbeat('w1', { reload }));
    expect(await registryOf().readReload(registration('w1'))).toEqual(reload);
  });

  test('knows how far its own clock is from that of the broker', async () => {
    const view = createRegistryLog(log, { clock });
    await view.refresh();
    expect(view.aheadMs).toBe(skewMs);
    expect(view.now()).toBe(log.time);
  });
});

test('what another program wrote is left out and named', async () => {
  await log.append([
    { topic: registryTopic, partition: 0, key: 'worker:x', value: '{"no":"worker"}' },
    { topic: registryTopic, partition: 0, key: 'lock:y', value: 'no lock' },
    { topic: registryTopic, partition: 0, key: null, value: 'nothing' },
    { topic: registryTopic, partition: 0, key: 'foreign', value: 'x' },
  ]);
  const registry = registryOf();
  expect(await registry.readRegistrations()).toEqual([]);
  expect(await registry.readBrokenEntries()).toEqual([{ key: 'worker', field: 'x' }]);
});

describe('a frontend in the registry of a Kafka', () => {
  const beat = (frontendId: string) => ({
    ...{ frontendId, url: `http://h:${frontendId.length}`, host: 'h', pid: 3, jobNames: ['digits'] },
    startedAt: 1_700_000_000_000,
  });

  test('is listed while it beats, and asked to stop', async () => {
    const registry = registryOf();
    expect(await registry.beatFrontend(beat('a'))).toBe(false);
    expect(await registry.beatFrontend(beat('bb'))).toBe(false);
    const other = registryOf();
    expect((await other.readFrontends('kafka://b:1')).map(({ frontendId }) => frontendId)).toEqual([
      'a',
      'bb',
    ]);
    await other.askFrontendToStop('a');
    expect(await registry.beatFrontend(beat('a'))).toBe(true);
    expect(await registry.beatFrontend(beat('bb'))).toBe(false);
    await registry.forgetFrontend('a');
    expect((await other.readFrontends('')).map(({ frontendId }) => frontendId)).toEqual(['bb']);
    log.time += heartbeatTtlMs + 1;
    expect(await other.readFrontends('')).toEqual([]);
  });
});

describe('the lock on a start', () => {
  async function take(jobName = 'digits') {
    return registryOf().takeStartLock(jobName, starter);
  }

  test('is held by the first in the log, until it releases it', async () => {
    const first = await take();
    if ('heldBy' in first) throw new Error('not taken');
    expect(first.isHeld).toBe(true);
    expect(await take()).toMatchObject({ heldBy: expect.stringContaining('"pid":1') as string });
    expect('heldBy' in (await take('another'))).toBe(false);
    await first.release();
    const second = await take();
    expect('heldBy' in second).toBe(false);
  });

  test('is held by one only, however many start at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => take()));
    expect(all.filter((one) => !('heldBy' in one))).toHaveLength(1);
  });

  test('of a start that was killed runs out', async () => {
    await take();
    log.time += startLimits.lockMs + 1;
    expect('heldBy' in (await take())).toBe(false);
  });

  test('is broken by who names its holder, and by no other', async () => {
    await take();
    const other = await take();
    const registry = registryOf();
    await registry.breakStartLock('digits', '{"token":"another"}');
    await registry.breakStartLock('digits', 'no lock at all');
    expect('heldBy' in (await take())).toBe(true);
    if ('heldBy' in other) await registry.breakStartLock('digits', other.heldBy);
    expect('heldBy' in (await take())).toBe(false);
  });

  test('is the same after compaction: a try that came too early leaves nothing', async () => {
    const first = await take();
    expect('heldBy' in (await take())).toBe(true);
    log.compact(registryTopic, registryPartitions.entries);
    expect(await take()).toMatchObject({ heldBy: expect.any(String) as string });
    if (!('heldBy' in first)) await first.release();
  });
});

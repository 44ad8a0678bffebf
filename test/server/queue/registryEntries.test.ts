import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseEarlyBeat,
  parseFlinkJob,
  parseFrontendBeat,
  parseHeartbeat,
  parseRegistration,
} from '../../../server/src/queue/registry/registryEntries.ts';
import { aJob, beat } from '../../client/aJob.ts';

const registration = aJob().workers[0]?.registration ?? expect.fail('no worker');
const id = 'ab'.repeat(16);
const flinkJob = {
  jobId: id,
  jobName: 'digits',
  flinkRestUrl: 'localhost:8081',
  parallelism: 2,
  configPath: '/c.yaml',
  configDigest: 'd',
  host: 'h',
  startedAt: 1_700_000_000_000,
};
const frontend = {
  frontendId: 'f1',
  url: 'http://localhost:10020',
  host: 'h',
  pid: 7,
  startedAt: 1_700_000_000_000,
  jobNames: ['digits'],
};

const kinds: readonly [string, Readonly<Record<string, unknown>>, (json: string) => unknown][] = [
  ['registration', { ...registration }, (json) => parseRegistration('w1', json)],
  ['heartbeat', { ...beat }, (json) => parseHeartbeat(registration, json)],
  [
    'worker before its first heartbeat',
    { workerId: 'w1', jobName: registration.jobName, at: 1_700_000_000_000, state: 'starting' },
    (json) => parseEarlyBeat(registration, json),
  ],
  ['job on Flink', flinkJob, (json) => parseFlinkJob(id, json)],
  ['frontend', frontend, (json) => parseFrontendBeat('f1', json)],
];

describe.each(kinds)('the entry of a %s', (_, whole, parse) => {
  test('is read as it was written, with what a newer program adds', () => {
    expect(parse(JSON.stringify(whole))).toEqual(whole);
    expect(parse(JSON.stringify({ ...whole, later: 1 }))).toEqual({ ...whole, later: 1 });
  });

  test.each(['', '{}', 'not json', 'null', '[]', '7', '"text"', '{"workerId":'])(
    'is absent for %j',
    (json) => {
      expect(parse(json)).toBeUndefined();
    },
  );

  test('is absent when any one field is missing or of another kind', () => {
    for (const field of Object.keys(whole)) {
      expect([field, parse(JSON.stringify({ ...whole, [field]: undefined }))]).toEqual([field, undefined]);
      for (const wrong of [null, {}, [[]], -1, 1e300, 'x'.repeat(5_000)]) {
        expect([field, wrong, parse(JSON.stringify({ ...whole, [field]: wrong }))]).toEqual([
          field,
          wrong,
          undefined,
        ]);
      }
    }
  });

  test('never throws, whatever is written there', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(whole)), (value, field) => {
        parse(JSON.stringify(value));
        parse(JSON.stringify({ ...whole, [field]: value }));
      }),
    );
  });
});

test('an entry under the id of another is none', () => {
  expect(parseRegistration('w2', JSON.stringify(registration))).toBeUndefined();
  expect(parseHeartbeat({ ...registration, jobName: 'other' }, JSON.stringify(beat))).toBeUndefined();
  expect(parseFlinkJob('cd'.repeat(16), JSON.stringify(flinkJob))).toBeUndefined();
  expect(parseFrontendBeat('f2', JSON.stringify(frontend))).toBeUndefined();
});

test('figures that are no numbers make a heartbeat none', () => {
  for (const text of ['{"p50":null,"p95":1,"p99":1}', '{"p50":1e999,"p95":1,"p99":1}']) {
    const latencyMs = { ...beat.latencyMs, decode: JSON.parse(text) as unknown };
    expect(parseHeartbeat(registration, JSON.stringify({ ...beat, latencyMs }))).toBeUndefined();
  }
});

test('what a worker needs is read with its code, and one with another code is absent', () => {
  const early = {
    workerId: 'w1',
    jobName: registration.jobName,
    at: 1_700_000_000_000,
    state: 'waiting-for-secret',
    needs: { code: 'model-secret-wrong', message: 'the secret' },
  };
  const read = (entry: object) => parseEarlyBeat(registration, JSON.stringify(entry));
  expect(read(early)).toEqual(early);
  for (const needs of [{}, { code: 'other', message: 'x' }, { code: 'model-secret-wrong' }, 'x'])
    expect(read({ ...early, needs })).toBeUndefined();
  expect(parseHeartbeat(registration, JSON.stringify(early))).toBeUndefined();
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FlinkReport, JobReport, Registration } from '../../../schemas/jobEvents.ts';
import { backendNames, backends } from '../../../server/src/jobs/backends.ts';
import { openStateFolder, type StateFolder } from '../../../server/src/jobs/machine/stateFolder.ts';
import type { StartOptions } from '../../../server/src/jobs/start/starting.ts';

let folder: string;
let state: StateFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-backends-'));
  state = openStateFolder(join(folder, 'state'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function worker(logFile: string): JobReport['workers'][number] {
  const registration: Registration = {
    ...{ workerId: 'here-12345678', jobName: 'digits', backend: 'embedded', host: 'here', pid: 1 },
    ...{ configPath: '/c.yaml', configDigest: '', startedAt: 1 },
    logFile,
  };
  return { registration };
}

function onFlink(flinkRestUrl: string): FlinkReport {
  return {
    ...{ jobId: 'a'.repeat(32), jobName: 'digits', parallelism: 1, configPath: '/c.yaml', configDigest: '' },
    ...{ host: 'here', startedAt: 1, state: 'RUNNING', url: `http://${flinkRestUrl}/#/`, taskManagers: [] },
    flinkRestUrl,
  };
}

function job(more: Partial<JobReport>): JobReport {
  const queue = { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 };
  return {
    ...{ jobName: 'digits', redis: 'localhost:6379', backend: 'embedded', state: 'running' },
    ...{ workers: [], queue },
    ...more,
  };
}

/** What all backends together know of the logs of a job. */
function logsOf(...jobs: readonly JobReport[]) {
  const found = backendNames.map((name) => backends[name].logs('digits', jobs, state));
  return {
    files: found.flatMap(({ files }) => files),
    places: found.flatMap(({ remote }) => remote.map(({ place }) => place)),
  };
}

describe('the logs of a job', () => {
  test('are the files of its workers, wherever they are registered, but none outside of the state folder', () => {
    const own = [1, 2].map((i) => state.logFile('digits', `here-${i}`));
    for (const file of own) writeFileSync(file, 'x');
    const foreign = join(folder, 'secret.txt');
    writeFileSync(foreign, 'x');
    const jobs = [...own, foreign].map((file) => job({ workers: [worker(file)] }));
    expect(logsOf(...jobs)).toEqual({ files: own, places: [] });
  });

  test('are the newest file of those that have ended, where no worker runs', () => {
    const file = state.logFile('digits', 'here-1');
    mkdirSync(join(folder, 'other'));
    writeFileSync(file, 'x');
    expect(logsOf()).toEqual({ files: [file], places: [] });
  });

  test('are one for each cluster, however many jobs of the name run there', () => {
    const jobs = [
      job({ flinkJobs: [onFlink('a:8081'), onFlink('b:8081')] }),
      job({ flinkJobs: [onFlink('a:8081')] }),
    ];
    expect(logsOf(...jobs)).toEqual({ files: [], places: ['a:8081', 'b:8081'] });
  });

  test('are of both kinds for a job that runs here and on a cluster', () => {
    const file = state.logFile('digits', 'here-1');
    writeFileSync(file, 'x');
    const both = job({ workers: [worker(file)], flinkJobs: [onFlink('a:8081')] });
    expect(logsOf(both)).toEqual({ files: [file], places: ['a:8081'] });
  });
});

describe('options that only one backend knows', () => {
  const options = (more: Partial<StartOptions>) =>
    ({
      ...{ flink: {}, foreground: false, loaded: { config: { httpPort: -1 } } },
      ...more,
    }) as StartOptions;
  const jar = { jar: { file: 'j.jar', entryClass: 'M' }, mayStartCluster: () => Promise.resolve(false) };

  test.each<[string, 'embedded' | 'flink', Partial<StartOptions>]>([
    ['a jar', 'embedded', { flink: jar }],
    ['one HTTP port for several workers', 'embedded', { workers: 2, http: { port: 8080, options: [] } }],
    ['HTTP', 'flink', { http: { port: 0, options: [] } }],
    ['an option of HTTP', 'flink', { http: { port: undefined, options: ['interface=::1'] } }],
    ['the foreground', 'flink', { foreground: true }],
  ])('%s: refused by %s before anything is looked at', (_, name, more) => {
    expect(() => backends[name].requireSense(options(more))).toThrow(
      expect.objectContaining({ code: 'wrong-use' }),
    );
  });

  test.each<['embedded' | 'flink', Partial<StartOptions>]>([
    ['embedded', { foreground: true, http: { port: 0, options: ['interface=::1'] } }],
    ['embedded', { workers: 3, http: { port: 0, options: [] } }],
    ['flink', { flink: jar, http: { port: undefined, options: [] } }],
  ])('%s takes its own: %j', (name, more) => {
    expect(() => backends[name].requireSense(options(more))).not.toThrow();
  });
});

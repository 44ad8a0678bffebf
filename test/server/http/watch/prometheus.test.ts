import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDurationCounter, durationBucketsMs } from '../../../../schemas/config/durations.ts';
import type { JobReport } from '../../../../schemas/jobEvents.ts';
import type { Frontend } from '../../../../server/src/http/frontend.ts';
import { createMetrics } from '../../../../server/src/http/watch/metrics.ts';
import { prometheusText } from '../../../../server/src/http/watch/prometheus.ts';
import { aJob, beat } from '../../../client/aJob.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format as a Prometheus does; throws at the first line that is none. */
function parse(text: string): Sample[] {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram|summary)$/.exec(line);
    if (type) {
      // One group of lines for each name.
      if (types.has(type[1] ?? '')) throw new Error(`twice: ${line}`);
      types.set(type[1] ?? '', type[2] ?? '');
    } else if (!/^# HELP \w+ \S/.test(line)) {
      const [, name = '', , inner = '', value = ''] =
        /^([a-z_]+)(\{(.*)\})? (\S+)$/.exec(line) ?? expect.fail(line);
      if (![...types.keys()].some((known) => name.startsWith(known))) throw new Error(`no type: ${line}`);
      samples.push({ name, labels: labelsOf(inner), value: Number(value) });
    }
  }
  return samples;
}

function labelsOf(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const [whole, name = '', value = ''] =
      /^([a-z]+)="((?:[^"\\\n]|\\["\\n])*)",?/.exec(rest) ?? expect.fail(`no label: ${rest}`);
    labels.set(
      name,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    );
    rest = rest.slice(whole.length);
  }
  return Object.fromEntries(labels);
}

/** A frontend of one job. */
function frontendOf(
  job: JobReport | undefined,
  metrics = createMetrics(),
  jobName = 'digits',
  trouble?: string,
): Frontend {
  const watch = { job: () => job, figures: () => job?.queue, trouble };
  const servable = { facts: { redisInputQueue: jobName }, watch };
  return {
    metrics,
    version: '1.2.3',
    main: servable,
    servables: [servable],
    watches: [watch],
  } as unknown as Frontend;
}
const named = (samples: readonly Sample[], name: string) =>
  samples.filter((one) => one.name === `cluster_serving_${name}`);

describe('the figures for Prometheus', () => {
  test('can be read without a job, without a request and without Redis', () => {
    const samples = parse(prometheusText(frontendOf(undefined, createMetrics(), 'digits', 'away')));
    expect(named(samples, 'redis_up')).toMatchObject([{ value: 0, labels: { redis: '0' } }]);
    expect(named(samples, 'job_up')).toMatchObject([{ value: 0, labels: { job: 'digits' } }]);
    expect(named(samples, 'job_waiting')).toEqual([]);
    expect(named(samples, 'build_info')).toMatchObject([{ labels: { version: '1.2.3' } }]);
  });

  test('have times in seconds, and each worker for itself', () => {
    const [first] = aJob().workers;
    const workers = ['w1', 'w2'].map((workerId, i) => ({
      registration: first?.registration ?? expect.fail(),
      heartbeat: { ...beat, workerId, processed: 10 + i, failed: i, rssBytes: 2 ** 33 },
    }));
    const queue = { waiting: 1, pending: 2, dead: 3, oldestAgeMs: 4_500 };
    const samples = parse(prometheusText(frontendOf(aJob({ workers, queue }))));
    expect(named(samples, 'worker_records_total').map(({ labels, value }) => [labels.worker, value])).toEqual(
      [
        ['w1', 10],
        ['w2', 11],
      ],
    );
    expect(named(samples, 'job_oldest_age_seconds')[0]?.value).toBe(4.5);
    expect(named(samples, 'worker_resident_memory_bytes')[0]?.value).toBe(2 ** 33);
    const median = named(samples, 'worker_stage_seconds').find(
      ({ labels }) => labels.stage === 'inference' && labels.q === '0.5',
    );
    expect(median?.value).toBe(0.001);
    // A worker of an older version has no histograms.
    expect(named(samples, 'worker_stage_duration_seconds_count')).toEqual([]);
  });

  test('count one job once, however many names it is served by', () => {
    const { main, ...rest } = frontendOf(aJob());
    const frontend = { ...rest, main, servables: [main, main, main] } as Frontend;
    expect(named(parse(prometheusText(frontend)), 'job_up')).toHaveLength(1);
  });

  test('keep the name of any job as it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('__proto__', '"', '\\', '\n', '\\n', 'a",b="c'),
        ),
        (jobName) => {
          const samples = parse(prometheusText(frontendOf(aJob(), createMetrics(), jobName)));
          expect(named(samples, 'job_up')[0]?.labels.job).toBe(jobName);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('have buckets that never fall, end with all, and agree with the count', () => {
    const metrics = createMetrics();
    const times = [0, 0.25, 0.26, 1, 59_999, 60_000, 60_001, 1e9];
    for (const ms of times) metrics.countRequest('POST', '/predict', 200, ms);
    const samples = parse(prometheusText(frontendOf(undefined, metrics)));
    const buckets = named(samples, 'http_request_seconds_bucket');
    expect(buckets).toHaveLength(durationBucketsMs.length + 1);
    for (const { labels, value } of buckets) {
      const bound = labels.le === '+Inf' ? Infinity : Number(labels.le) * 1_000;
      expect([labels.le, value]).toEqual([labels.le, times.filter((ms) => ms <= bound + 1e-9).length]);
    }
    expect(named(samples, 'http_request_seconds_count')[0]?.value).toBe(times.length);
    expect(named(samples, 'http_request_seconds_sum')[0]?.value).toBeCloseTo(
      times.reduce((a, b) => a + b) / 1_000,
    );
  });

  test('count requests by method, route and status', () => {
    const metrics = createMetrics();
    for (const status of [200, 200, 404, 500]) metrics.countRequest('POST', '/predict', status, 1);
    metrics.countRequest('GET', '/predict', 200, 1);
    const counts = named(parse(prometheusText(frontendOf(undefined, metrics))), 'http_requests_total');
    expect(counts.map(({ labels: { method, code }, value }) => [method, code, value])).toEqual([
      ['POST', '200', 2],
      ['POST', '404', 1],
      ['POST', '500', 1],
      ['GET', '200', 1],
    ]);
  });
});

test('a counter of durations agrees with a count by hand, whatever the durations', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(...durationBucketsMs))),
      (times) => {
        const counter = createDurationCounter();
        for (const ms of times) counter.add(ms);
        expect(counter.count).toBe(times.length);
        expect([...counter.buckets]).toEqual(
          durationBucketsMs.map((bound) => times.filter((ms) => ms <= bound).length),
        );
      },
    ),
  );
});

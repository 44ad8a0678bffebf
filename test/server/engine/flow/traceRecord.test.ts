import { expect, test } from 'vitest';
import { traceRecord } from '../../../../server/src/engine/flow/traceRecord.ts';
import type { SpanAttributes, SpanFacts, Tracing } from '../../../../server/src/tracing/spans.ts';

interface Ended extends SpanFacts {
  readonly endMs: number;
  readonly more: SpanAttributes | undefined;
  readonly error: string | undefined;
}

/** Keeps spans, but for those below a parent that is not sampled. */
function keeping(unsampled = '') {
  const spans: Ended[] = [];
  const tracing: Tracing = {
    begin(facts) {
      if (facts.parent === unsampled) return undefined;
      return {
        traceparent: `below ${facts.parent ?? ''}`,
        end: (endMs, more, error) => void spans.push({ ...facts, endMs, more, error }),
      };
    },
    close: () => Promise.resolve(),
  };
  return { spans, tracing };
}

const traceOf = (id: string) => `00-${id.repeat(32)}-${id.repeat(16)}-01`;
/** The store's clock is 1,000,000 ms ahead of the monotonic one. */
const clock = { storeMs: () => 1_000_100, steadyMs: () => 100, after: () => () => undefined };
const times = { takenAt: 60, decodedAt: 61, runAt: 70, ranAt: 90, batchRecords: 3 };

test('the spans of a record follow each other from its arrival to its answer, by the clock of the store', () => {
  const { spans, tracing } = keeping();
  traceRecord(tracing, clock, {
    traceparent: traceOf('a'),
    times,
    arrivedAt: 1_000_050,
    attributes: { id: 'x' },
  });
  expect(spans.map(({ name, parent, startMs, endMs }) => [name, parent, startMs, endMs])).toEqual([
    ['queue', `below ${traceOf('a')}`, 1_000_050, 1_000_060],
    ['decode', `below ${traceOf('a')}`, 1_000_060, 1_000_061],
    ['batch wait', `below ${traceOf('a')}`, 1_000_061, 1_000_070],
    ['inference', `below ${traceOf('a')}`, 1_000_070, 1_000_090],
    ['write', `below ${traceOf('a')}`, 1_000_090, 1_000_100],
    ['process', traceOf('a'), 1_000_050, 1_000_100],
  ]);
  expect(spans[3]?.more).toEqual({ 'messaging.batch.message_count': 3 });
  expect(spans[5]).toMatchObject({ kind: 'consumer', attributes: { id: 'x' }, error: undefined });
});

test('a record that several requests share is in the trace of each that is sampled', () => {
  const { spans, tracing } = keeping(traceOf('b'));
  const traceparent = ['a', 'b', 'c'].map(traceOf).join(',');
  traceRecord(tracing, clock, { traceparent, times, arrivedAt: 1, attributes: {} });
  expect(spans.filter(({ name }) => name === 'process').map(({ parent }) => parent)).toEqual([
    traceOf('a'),
    traceOf('c'),
  ]);
  expect(spans).toHaveLength(12);
});

test('what was given up has the spans of what it came to, and says why', () => {
  const { spans, tracing } = keeping();
  const record = { traceparent: traceOf('a'), times: { takenAt: 60 }, arrivedAt: 1_000_050, attributes: {} };
  traceRecord(tracing, clock, { ...record, error: 'record-undecodable' });
  expect(spans.map(({ name, error }) => [name, error])).toEqual([
    ['queue', undefined],
    ['process', 'record-undecodable'],
  ]);
});

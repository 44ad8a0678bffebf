import { expect, test } from 'vitest';
import { samplerOf } from '../../../server/src/tracing/sampler.ts';

const found = (env: NodeJS.ProcessEnv) => {
  const troubles: string[] = [];
  return { text: samplerOf(env, (message) => troubles.push(message)).toString(), troubles };
};

test.each([
  [undefined, undefined, /^ParentBased\{root=AlwaysOnSampler/],
  ['always_on', undefined, /^AlwaysOnSampler$/],
  ['always_off', undefined, /^AlwaysOffSampler$/],
  ['traceidratio', '0.25', /^TraceIdRatioBased\{0\.25\}$/],
  ['traceidratio', undefined, /^TraceIdRatioBased\{1\}$/],
  ['parentbased_always_off', undefined, /^ParentBased\{root=AlwaysOffSampler/],
  ['parentbased_traceidratio', ' 0.5 ', /^ParentBased\{root=TraceIdRatioBased\{0\.5\}/],
])('%s with %s is the sampler of the standard', (OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, wanted) => {
  const { text, troubles } = found({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG });
  expect(text).toMatch(wanted);
  expect(troubles).toEqual([]);
});

test('what is none is named, and the default counts', () => {
  const odd = found({ OTEL_TRACES_SAMPLER: 'sometimes' });
  expect([odd.text.startsWith('ParentBased{root=AlwaysOn'), odd.troubles]).toEqual([
    true,
    [expect.stringContaining('"sometimes"')],
  ]);
  for (const ratio of ['2', '-1', 'half']) {
    const { text, troubles } = found({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio });
    expect([text, troubles]).toEqual(['TraceIdRatioBased{1}', [expect.stringContaining(`"${ratio}"`)]]);
  }
});

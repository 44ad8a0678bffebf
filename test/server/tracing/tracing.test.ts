import { expect, test } from 'vitest';
import { isWanted, loadTracing } from '../../../server/src/tracing/tracing.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test.each([
  endpoint,
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' },
  { OTEL_TRACES_EXPORTER: 'otlp' },
  { OTEL_TRACES_EXPORTER: 'console, otlp' },
  { ...endpoint, OTEL_SDK_DISABLED: 'false' },
  { ...endpoint, OTEL_TRACES_EXPORTER: '' },
])('traces are exported with %j', (env) => {
  expect(isWanted(env)).toBe(true);
});

test.each([
  {},
  { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
  { ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' },
  { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' },
])('they are not, and nothing is loaded, with %j', async (env) => {
  expect(await loadTracing({ service: 's', job: 'j', env, onTrouble: () => undefined })).toBeUndefined();
});

import { defineConfig } from 'vitest/config';

const unit = [
  'test/server/**/*.test.ts',
  'test/client/**/*.test.ts',
  'test/schemas/**/*.test.ts',
  'test/web/**/*.test.ts',
  'test/torture/{checker,plans,wire,volumes/*}.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      // Thousands of random texts take their time on a machine that has much else to do.
      // They share what they import, which takes half of their time otherwise; none of them changes a module's state.
      { test: { name: 'unit', include: unit, testTimeout: 60_000, isolate: false, pool: 'threads' } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'editors',
          include: ['test/editors/**/*.test.ts'],
          testTimeout: 90_000,
          fileParallelism: false,
        },
      },
      // What a client sees of HTTP does not depend on the way to the model: the same tests, within a worker. Those that are
      // missing here are about Redis, or about programs that are no part of a worker.
      {
        test: {
          name: 'withinWorker',
          include: ['', 'Docs', 'Fuzz', 'Guards', 'Models', 'Pages', 'Python', 'V2Client'].map(
            (name) => `test/integration/http${name}.test.ts`,
          ),
          env: { HTTP_WAY: 'worker' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      // Processes that run the cases take all processors.
      {
        test: {
          name: 'onnx',
          include: ['test/onnx/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'torture',
          include: ['test/torture/suite.test.ts'],
          testTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'models',
          include: ['test/models/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'flink',
          include: ['test/flink/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kafka',
          include: ['test/kafka/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      // A short round of each: whether it runs, not how quickly.
      {
        test: {
          name: 'benches',
          include: ['test/benches/**/*.test.ts'],
          testTimeout: 600_000,
          fileParallelism: false,
        },
      },
      // Containers, and the chart that describes them to Kubernetes.
      ...['images', 'charts'].map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      })),
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/e2e/keepEvidence.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

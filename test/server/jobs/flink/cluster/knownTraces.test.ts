import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyNames } from '../../../../../schemas/config/configKeys.ts';
import { explainTrace, knownTraces } from '../../../../../server/src/jobs/flink/cluster/knownTraces.ts';
import { root } from '../../../../support/serving.ts';

const folder = join(root, 'test', 'fixtures', 'flinkTraces');
const example = (id: string) => readFileSync(join(folder, `${id}.txt`), 'utf8');

test('each of at least 25 known traces has an example, and each example a known trace', () => {
  const ids = knownTraces.map(({ id }) => id);
  expect(ids.length).toBeGreaterThanOrEqual(25);
  expect(
    readdirSync(folder)
      .map((name) => name.replace('.txt', ''))
      .sort(),
  ).toEqual([...ids].sort());
});

test.each(knownTraces.map(({ id }) => id))('the example of %s is explained by that row and no other', (id) => {
  const row = knownTraces.find(({ pattern }) => pattern.test(example(id)));
  expect(row?.id).toBe(id);
});

test('what a worker says of its machine is shown whole, without its code', () => {
  const said = `On the TaskManager node7: net.pt needs the Python package torch, which ${'/opt'.repeat(90)}/python does not have.`;
  const trace = `java.lang.IllegalStateException: runtime-missing: ${said}\n\tat servings.flink.worker.Supervisor.run(Supervisor.java:68)\nCaused by: java.lang.Exception: other`;
  expect(explainTrace(trace)).toBe(said);
});

test.each(knownTraces)('$id becomes one line with its cause, its key and what to do', ({ id, key, fix }) => {
  const line = explainTrace(example(id));
  expect(line).not.toMatch(/[\n$]|\tat |Exception:/);
  expect(line.endsWith(fix)).toBe(true);
  expect(line.length).toBeLessThan(300);
  if (key !== undefined) {
    expect(keyNames).toContain(key);
    expect(line).toContain(`${key}: `);
  }
});

test.each([
  'java.io.FileNotFoundException: /models/a b/model.onnx (No such file or directory)',
  'java.io.FileNotFoundException: No such file or directory: /models/a',
  'java.nio.file.NoSuchFileException: /models/a',
])('the file that is missing is named, whichever file system says it: %s', (cause) => {
  expect(explainTrace(`org.apache.flink.X: outer\nCaused by: ${cause}\n\tat a.b.c(D.java:1)`)).toContain('the file /models/a');
});

test('an unknown trace is reported by its innermost cause, without its frames', () => {
  const trace = [
    'org.apache.flink.runtime.JobException: Recovery is suppressed',
    '\tat org.apache.flink.X.y(X.java:1)',
    'Caused by: java.lang.IllegalStateException: outer',
    '\tat a.b.c(D.java:2)',
    'Caused by: java.lang.ArithmeticException: / by zero',
    '\tat a.b.e(D.java:3)',
    '\t... 3 more',
  ].join('\n');
  expect(explainTrace(trace)).toBe('java.lang.ArithmeticException: / by zero');
  expect(explainTrace('')).not.toBe('');
  expect(explainTrace('x'.repeat(5_000)).length).toBeLessThan(400);
});

import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { clientSnippet } from '../../../client/src/jobs/clientSnippet.ts';
import { findingsText } from '../../../client/src/jobs/findingsText.ts';
import { createLogWriter } from '../../../client/src/jobs/logLine.ts';
import { predictionText } from '../../../client/src/jobs/predictionText.ts';
import type { Translate } from '../../../client/src/views/figures.ts';

const t: Translate = (message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));

const facts = { jobName: 'digits', modelPath: 'm', redisHost: 'db', redisPort: '7000' };
const input = { name: 'image', shape: [null, 2, 2] };
const httpUrl = 'http://127.0.0.1:10020';

test('a snippet names the stream, the address and the input of the config', () => {
  const python = clientSnippet('python', { facts, httpUrl, input });
  expect(python).toContain('host="db", port="7000", name="digits"');
  expect(python).toContain('image=np.zeros((2, 2)');
});

test('an input whose name is no word is still given by its name', () => {
  const python = clientSnippet('python', { facts, httpUrl, input: { name: 'x:0', shape: [1, 3] } });
  expect(python).toContain('**{"x:0": np.zeros((3,)');
});

test('the body of a request is JSON that a shell leaves as it is', () => {
  const curl = clientSnippet('curl', { facts, httpUrl, input: { name: "it's", shape: [1, 1] } });
  const quoted = curl.slice(curl.indexOf('-d ') + 3).trim();
  // What a POSIX shell makes of it.
  const body = quoted.replaceAll(`'\\''`, '\u0000').replaceAll("'", '').replaceAll('\u0000', "'");
  expect(JSON.parse(body)).toEqual({ instances: [{ "it's": [0] }] });
});

test('a JavaScript client is a program', () => {
  const text = clientSnippet('javascript', { facts, httpUrl, input });
  expect(text).toContain('"http://127.0.0.1:10020/predict"');
  expect(() => new Script(`async () => {${text}}`)).not.toThrow();
});

test('a prediction shows the highest values first, and its shape', () => {
  const text = predictionText(
    'digits',
    [
      { name: 'a.png', outputs: [{ shape: [1, 3], data: [0.1, 0.7, 0.2] }] },
      { name: 'b.png', error: 'NaN' },
      { name: 'c.png', filtered: [[1, 0.5]] },
      { summary: { records: 3, failed: 1, recordsPerSecond: 9 } },
    ],
    t,
  );
  expect(text.indexOf('| 1 |')).toBeLessThan(text.indexOf('| 2 |'));
  expect(text).toContain('[1, 3]');
  expect(text).toContain('[[1,0.5]]');
  expect(text).toContain('NaN');
});

test('what is missing stands before what is there', () => {
  const text = findingsText('t', [
    { check: 'fine', ok: true, text: '' },
    { check: 'missing', ok: false, text: '' },
  ]);
  expect(text.indexOf('missing')).toBeLessThan(text.indexOf('fine'));
});

test('a line of a log goes to its level, and the stack after it, too', () => {
  const seen: [string, string][] = [];
  const level = (name: string) => (text: string) => void seen.push([name, text]);
  const write = createLogWriter({ error: level('error'), warn: level('warn'), info: level('info') });
  write('2026-01-01T00:00:00.000Z INFO  ready');
  write('2026-01-01T00:00:00.000Z ERROR broken');
  write('    at there');
  write('2026-01-01T00:00:00.000Z WARN  slow');
  expect(seen).toEqual([
    ['info', '00:00:00.000Z ready'],
    ['error', '00:00:00.000Z broken'],
    ['error', '    at there'],
    ['warn', '00:00:00.000Z slow'],
  ]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../server/src/workspace/loadConfig.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(content: string | Uint8Array): string {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, content);
  return path;
}

function refusalOf(content: string | Uint8Array): object {
  try {
    return loadConfig(write(content));
  } catch (error) {
    return error as object;
  }
}

test('a config is loaded with its warnings, and the command line names another backend', () => {
  const path = write('modelPath: m\njob_name: x\n');
  const { config, warnings, ...where } = loadConfig(path, 'flink');
  expect(where).toEqual({ path, folder });
  expect(config).toMatchObject({ modelPath: 'm', backend: 'flink' });
  expect(warnings).toEqual([expect.stringMatching(/^\/.*:2:1: warning unknown-key: /)]);
});

test('a config with errors is refused with a line for each error and for nothing else', () => {
  expect(refusalOf('modelPath: m\njob_name: x\nbatchSize: many\nredisUrl: x\n')).toMatchObject({
    code: 'config-invalid',
    message: expect.stringMatching(/^[^\n]*:3:12: error wrong-type: [^\n]*\n[^\n]*:4:11: error bad-host-port: [^\n]*$/) as string,
  });
}); // prettier-ignore

test('a text of another encoding is refused by its name, as lint does, and never read with other letters', () => {
  const text = 'modelPath: /m\njobName: caf\xE9\n';
  const unreadable = (words: RegExp) => ({
    code: 'config-unreadable',
    message: expect.stringMatching(words) as string,
  });
  expect(refusalOf(Buffer.from(text, 'latin1'))).toMatchObject(unreadable(/is not UTF-8/));
  expect(refusalOf(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toMatchObject(unreadable(/is UTF-16LE/));
  expect(refusalOf(new Uint8Array(10))).toMatchObject(unreadable(/zero bytes/));
  expect(refusalOf(new Uint8Array(2_000_000).fill(35))).toMatchObject(unreadable(/has 2000000 bytes/));
});

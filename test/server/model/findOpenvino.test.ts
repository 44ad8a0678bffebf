import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findOpenvino } from '../../../server/src/model/openvino/findOpenvino.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'openvino-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Puts a library somewhere, as its package does. @returns its path */
function put(root: string, below: string, name = 'libopenvino_c.so.2641'): string {
  mkdirSync(join(root, below), { recursive: true });
  const file = join(root, below, name);
  writeFileSync(file, '');
  return file;
}

/** No Python, and nothing that the machine of the test has. */
const nowhere = { configured: undefined, env: { PATH: '' }, installedIn: '/nowhere' };

test('a folder is one of the wheel, of the archives or of a system, and holds any version', () => {
  for (const below of ['', 'libs', 'openvino/libs', 'runtime/lib/intel64', 'lib'])
    for (const name of [
      'libopenvino_c.so',
      'libopenvino_c.so.2641',
      'libopenvino_c.2641.dylib',
      'openvino_c.dll',
    ]) {
      const root = folder();
      const file = put(root, below, name);
      expect(findOpenvino({ ...nowhere, configured: root })?.place).toBe(file);
    }
});

test('libraries of other names are none', () => {
  const root = folder();
  for (const name of ['libopenvino.so.2641', 'libopenvino_c.so.debug', 'libopenvino_c.txt'])
    put(root, '', name);
  expect(findOpenvino({ ...nowhere, configured: root })).toBeUndefined();
});

test('what the config names comes first, then OPENVINO_LIB_PATHS, then what was installed here', () => {
  const [configured, first, second, installedIn] = [folder(), folder(), folder(), folder()];
  const named = put(configured, 'libs');
  const env = { PATH: '', OPENVINO_LIB_PATHS: [first, second].join(delimiter) };
  const ofEnv = put(second, '');
  put(installedIn, 'openvino-2025.4.0');
  const newest = put(installedIn, 'openvino-2026.10.0');
  put(installedIn, 'openvino-2026.9.0');
  const all = { configured, env, installedIn };
  expect(findOpenvino(all)?.place).toBe(named);
  expect(findOpenvino({ ...all, configured: undefined })?.place).toBe(ofEnv);
  expect(findOpenvino({ ...nowhere, installedIn })?.place).toBe(newest);
});

test('nothing is taken in place of a folder that the config names and that holds none', () => {
  const installedIn = folder();
  put(installedIn, 'openvino-2026.4.1');
  expect(findOpenvino({ ...nowhere, installedIn, configured: folder() })).toBeUndefined();
  expect(findOpenvino(nowhere)).toBeUndefined();
});

test('a package of python3 is found without loading it', () => {
  const root = folder();
  const file = put(root, 'site/openvino/libs');
  const bin = join(root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'python3'), `#!/bin/sh\necho '${join(root, 'site/openvino')}'\n`);
  chmodSync(join(bin, 'python3'), 0o755);
  expect(findOpenvino({ ...nowhere, env: { PATH: bin } })).toEqual({
    place: file,
    from: 'a package of python3',
  });
});

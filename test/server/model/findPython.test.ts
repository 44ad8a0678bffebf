import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findPython, lackingByFiles } from '../../../server/src/model/python/findPython.ts';
import { configuredPlace } from '../../../server/src/model/runtimes/configuredPlace.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'python-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o755 });
  }
  return folder;
}

const installedIn = '';

test('the Python of the config is taken before that of the environment, and that before python3', () => {
  const folder = folderOf({ python3: '', named: '', 'own/python': '' });
  const env = { PATH: folder, CLUSTER_SERVING_PYTHON: join(folder, 'named') };
  const own = join(folder, 'own/python');
  expect(findPython({ configured: own, env, installedIn })?.place).toBe(own);
  expect(findPython({ configured: 'named', env, installedIn })?.place).toBe(join(folder, 'named'));
  expect(findPython({ configured: undefined, env, installedIn })?.place).toBe(join(folder, 'named'));
  expect(findPython({ configured: undefined, env: { PATH: folder }, installedIn })?.place).toBe(
    join(folder, 'python3'),
  );
});

test('nothing is taken in place of one that is named and is no program', () => {
  const folder = folderOf({ python3: '', text: '', 'folder/python': '' });
  chmodSync(join(folder, 'text'), 0o644);
  for (const name of ['nowhere', 'text', 'folder'])
    expect(
      findPython({ configured: join(folder, name), env: { PATH: folder }, installedIn }),
    ).toBeUndefined();
  expect(findPython({ configured: undefined, env: { PATH: '' }, installedIn })).toBeUndefined();
});

test('a name of a program is looked for on the PATH, and every path starts from the config', () => {
  const resolve = (path: string) => `/configs/${path}`;
  expect(configuredPlace('python', 'python3.12', resolve)).toBe('python3.12');
  expect(configuredPlace('python', 'venv/bin/python', resolve)).toBe('/configs/venv/bin/python');
  expect(configuredPlace('openvinoPath', 'openvino', resolve)).toBe('/configs/openvino');
  expect(configuredPlace('python', '', resolve)).toBeUndefined();
});

test('what a virtual environment lacks is seen by its files, and of other Pythons nothing is said', () => {
  const site = 'lib/python3.11/site-packages';
  const files = { 'bin/python': '', 'pyvenv.cfg': 'home = /usr/bin\n', [`${site}/torch/__init__.py`]: '' };
  const lacking = (folder: string) => lackingByFiles(join(folder, 'bin/python'), ['torch', 'numpy']);
  expect(lacking(folderOf(files))).toEqual(['numpy']);
  expect(lacking(folderOf({ ...files, [`${site}/numpy.py`]: '' }))).toEqual([]);
  expect(lacking(folderOf({ ...files, [`${site}/more.pth`]: '/elsewhere' }))).toEqual([]);
  const open = 'include-system-site-packages = true\n';
  expect(lacking(folderOf({ ...files, 'pyvenv.cfg': open }))).toEqual([]);
  expect(lacking(folderOf({ 'bin/python': '' }))).toEqual([]);
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { findFiles } from '../../server/src/workspace/findFiles.ts';
import { root } from '../support/serving.ts';

const top = mkdtempSync(join(tmpdir(), 'lint folders-'));
// Not by Node, which cannot remove what has a path that is too long.
afterAll(() => execFileSync('rm', ['-rf', top]));

let folder = '';
let made = 0;
beforeEach(() => {
  folder = join(top, String(made++));
  mkdirSync(folder);
});

const program = join(root, 'bin', 'cluster-serving.cjs');

function write(path: string, text: string | Uint8Array): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function lint(...args: string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'lint', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const good = 'modelPath: ${env:M}\njobName: a\n';
const bad = 'modelPath: ${env:M}\njob_name: a\n';

test('every file of a folder is read, however many there are and however few may be open at once', async () => {
  for (let i = 0; i < 201; i++) {
    mkdirSync(join(folder, `f${i}`));
    for (let n = 0; n < 100; n++) writeFileSync(join(folder, `f${i}`, `${n}.yaml`), n === 99 ? bad : 'title: x\n');
  }
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -n 40; exec "$0" "$@"', process.execPath, program, 'lint', '--quiet', '--format', 'json'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  expect([status, stderr]).toEqual([1, '']);
  expect((JSON.parse(stdout) as { files: unknown[] }).files).toHaveLength(201);
  // An editor watches what it finds, and learns where it stops.
  const { files, isCut } = await findFiles(folder, /\.yaml$/);
  expect([files.length, isCut]).toEqual([20_000, true]);
}); // prettier-ignore

test('a folder that cannot be read is reported and counted, and the rest is checked', () => {
  write('config.yaml', good);
  // A path that the system takes step by step only.
  const deep = `for (let i = 0; i < 25; i++) { fs.mkdirSync('x'.repeat(200)); process.chdir('x'.repeat(200)); }`;
  execFileSync(process.execPath, ['-e', deep], { cwd: folder });
  const { code, stdout, stderr } = lint();
  expect([code, stdout]).toEqual([2, '1 config, no problems, 1 not read.\n']);
  expect(stderr).toMatch(/^x+\/.*: cannot be read \(ENAMETOOLONG\)\.\n$/);
});

test('what could not be read is in every format', () => {
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
  write('wide.yaml', Buffer.from(`\uFEFF${good}`, 'utf16le'));
  const args = ['loop.yaml', 'wide.yaml', './wide.yaml'];
  const { code, stdout, stderr } = lint(...args);
  expect([code, stdout]).toEqual([2, '0 configs, no problems, 2 not read.\n']);
  expect(stderr).toBe('loop.yaml: cannot be read (ELOOP).\nwide.yaml: is UTF-16LE; save it as UTF-8.\n');
  const json = JSON.parse(lint('--format', 'json', ...args).stdout) as { unread: object[] };
  expect(json.unread).toEqual([
    { path: 'loop.yaml', trouble: 'cannot be read (ELOOP)' },
    { path: 'wide.yaml', trouble: 'is UTF-16LE; save it as UTF-8' },
  ]);
  const sarif = JSON.parse(lint('--format', 'sarif', ...args).stdout) as { runs: { invocations: object[] }[] };
  expect(sarif.runs[0]?.invocations[0]).toMatchObject({ executionSuccessful: false });
  expect(lint('--format', 'github', ...args).stdout).toContain('::error file=wide.yaml,title=unread::');
}); // prettier-ignore

test('many that cannot be read are counted, and only the first are named', () => {
  write('config.yaml', good);
  for (let i = 0; i < 30; i++) write(`${i}.yaml`, Uint8Array.of(109, 0));
  const { code, stderr } = lint();
  expect(code).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(21);
  expect(stderr).toMatch(/And 10 more: 30 could not be read in all\.\n$/);
});

test('a large file of another program is passed over, and one that begins as a config is not', () => {
  write('pnpm-lock.yaml', `lockfileVersion: '9.0'\n\nimporters:\n${'  # x\n'.repeat(300_000)}`);
  write('config.yaml', good);
  expect(lint().code).toBe(0);
  write('large.yaml', `${good}${'# x\n'.repeat(300_000)}`);
  expect(lint()).toMatchObject({ code: 2, stderr: expect.stringMatching(/^large\.yaml: has \d+ bytes/) as string });
}); // prettier-ignore

test('a file is one, whatever it is called and wherever a link to it lies', () => {
  write('config.yaml', good);
  symlinkSync('config.yaml', join(folder, 'link.yaml'));
  symlinkSync('.', join(folder, 'same'));
  const ways = ['config.yaml', './config.yaml', join(folder, 'config.yaml'), 'link.yaml', 'same', '.', 'same/config.yaml'];
  expect(lint(...ways)).toEqual({ code: 0, stdout: '1 config, no problems.\n', stderr: '' });
  write('config.yaml', bad);
  expect(lint('--fix', ...ways).stdout).toMatch(/^config\.yaml:2:1: .*\n1 config, 1 problem\.\n$/);
  const piped = spawnSync(process.execPath, [program, 'lint', '.', '-'], { cwd: folder, input: good, encoding: 'utf8' });
  expect(piped.stdout).toBe('1 config, no problems.\n');
}); // prettier-ignore

test('a config behind a link in a folder is checked, as in those of a ConfigMap', () => {
  write('..data/config.yaml', bad);
  symlinkSync(join('..data', 'config.yaml'), join(folder, 'config.yaml'));
  symlinkSync('nowhere', join(folder, 'gone.yaml'));
  expect(lint()).toMatchObject({ code: 1, stderr: '' });
});

test('what gives no config is said, and ends with 2 where that is wanted', () => {
  write('empty/other.yaml', 'title: x\n');
  write('configs/config.yaml', good);
  const sentence = 'empty: no config of Cluster Serving is in it (1 file of YAML looked at).\n';
  expect(lint('empty', 'configs')).toEqual({ code: 0, stdout: '1 config, no problems.\n', stderr: sentence });
  for (const format of ['json', 'sarif', 'github'])
    expect(lint('--quiet', '--format', format, 'empty').stderr).toBe(sentence);
  expect(lint('--fail-if-none', 'empty', 'configs')).toMatchObject({ code: 2, stderr: sentence });
  expect(lint('--fail-if-none', 'configs').code).toBe(0);
  expect(lint('--fail-if-none', 'empty/other.yaml')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('does not look like a config') as string,
  });
  write('empty/off.yaml', `# cluster-serving: off\n${good}`);
  expect(lint('empty/off.yaml')).toMatchObject({ code: 0, stderr: expect.stringContaining('left alone') as string });
}); // prettier-ignore

test('its help and its manual say what the exit codes mean', () => {
  const meaning = 'Something could not be read, or wrong use.';
  expect(lint('--help').stdout).toContain(`  2  ${meaning}`);
  expect(readFileSync(join(root, 'man', 'cluster-serving-lint.1'), 'utf8')).toContain(meaning);
});

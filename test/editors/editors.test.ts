import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../support/serving.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'editor-'));
  writeFileSync(join(folder, 'config.yaml'), 'modelPath: nowhere\njob_name: x\nredis:\n  maxmem: 4g\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs an editor by a script of this folder, without the user's own settings. @returns the lines that it wrote */
function inEditor(program: string, args: readonly string[]): Promise<readonly string[]> {
  const out = join(folder, 'out');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    NODE: process.execPath,
    PROGRAM: join(root, 'bin', 'cluster-serving-language-server.cjs'),
    CONFIG: join(folder, 'config.yaml'),
    OUT: out,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}${stderr}`));
      else resolve(readFileSync(out, 'utf8').trimEnd().split('\n'));
    });
    child.stdin?.end();
  });
}

const script = (name: string) => join(import.meta.dirname, name);
const problems = ['problem 1 model-missing', 'problem 2 unknown-key', 'problem 3 nested-form'];
const hover = expect.stringMatching(/^hover .*modelPath.*The folder that holds exactly one model/) as string;

test.each([
  ['Neovim', 'nvim', ['--headless', '-n', '-u', 'NONE', '-c', `luafile ${script('neovim.lua')}`]],
  ['Emacs with Eglot', 'emacs', ['--batch', '-Q', '-l', script('emacs.el')]],
])('%s shows problems and help, completes and fixes', async (_, program, args) => {
  const lines = await inEditor(program, args);
  expect(lines.filter((line) => line.startsWith('problem')).sort()).toEqual(problems);
  expect(lines).toContainEqual(hover);
  expect(lines).toContain('completion threadPerModel');
  expect(lines).toContain('fixed jobName: x');
});

test('Vim with ALE shows problems and help, and fixes', async () => {
  const lines = await inEditor('vim', ['-u', 'NONE', '-es', '-S', script('ale.vim')]);
  expect(lines.filter((line) => line.startsWith('problem'))).toEqual(problems);
  expect(lines).toContainEqual(hover);
  expect(lines).toContain('fixed jobName: x');
});

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../support/serving.ts';

const windows = process.platform === 'win32';
const tool = (name: string) =>
  join(root, '.cache', 'pre-commit', windows ? `Scripts/${name}.exe` : `bin/${name}`);
const preCommit = tool('pre-commit');

let folder = '';
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint hooks-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'cluster-serving');
  const line = `exec "${process.execPath}" "${join(root, 'bin', 'cluster-serving.cjs')}" "$@"`;
  writeFileSync(program, `#!/bin/sh\n${line}\n`);
  chmodSync(program, 0o755);
  env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    PRE_COMMIT_HOME: join(folder, 'home'),
    // Nothing of the user who runs the tests, nor of a hook that they are run from.
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
    GIT_DIR: undefined,
    GIT_INDEX_FILE: undefined,
  };
  writeFileSync(join(folder, 'gitconfig'), '[user]\n  name = t\n  email = t@example.org\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(cwd: string, program: string, ...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  if (error) throw error;
  return { code: status, output: stdout + stderr };
}

/** A repository that holds these files, all of them staged. */
function repository(name: string, files: Readonly<Record<string, string>>): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(place, path), text);
  run(place, 'git', 'init', '-q');
  run(place, 'git', 'add', '-A');
  return place;
}

const good = 'modelPath: /models/m\njobName: a\n';
const bad = 'modelPath: /models/m\njob_name: a\n';

function expectHook(place: string): void {
  const passed = run(place, preCommit, 'run', '--all-files');
  expect([passed.code, passed.output]).toEqual([0, expect.stringContaining('Passed')]);
  writeFileSync(join(place, 'config.yaml'), bad);
  run(place, 'git', 'add', '-A');
  const failed = run(place, preCommit, 'run', '--all-files');
  expect([failed.code, failed.output]).toEqual([1, expect.stringContaining('unknown-key')]);
}

test('the hook of the example passes good configs and foreign YAML, and stops bad ones', () => {
  const place = repository('user', { 'config.yaml': good, 'other.yaml': 'title: x\n' });
  copyFileSync(join(root, 'examples', 'pre-commit-config.yaml'), join(place, '.pre-commit-config.yaml'));
  run(place, 'git', 'add', '-A');
  expectHook(place);
});

test('the hook that this repository offers does the same', () => {
  const hooks = readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8');
  const offering = repository('offering', { '.pre-commit-hooks.yaml': hooks });
  run(offering, 'git', 'commit', '-qm', 'Offer');
  const rev = run(offering, 'git', 'rev-parse', 'HEAD').output.trim();
  const config = { repos: [{ repo: offering, rev, hooks: [{ id: 'cluster-serving-lint' }] }] };
  expectHook(
    repository('user', {
      'config.yaml': good,
      'other.yaml': 'title: x\n',
      // JSON is YAML.
      '.pre-commit-config.yaml': JSON.stringify(config),
    }),
  );
});

test('what init writes passes yamllint, whose warnings count', () => {
  const file = join(folder, 'config.yaml');
  for (const more of [[], ['--model', 'a model: "5"', '--job-name', 'x']]) {
    const program = join(root, 'bin', 'cluster-serving.cjs');
    expect(run(folder, process.execPath, program, 'init', '--force', ...more).code).toBe(0);
    expect(run(folder, tool('yamllint'), '--strict', file)).toEqual({ code: 0, output: '' });
  }
});

test('the action for GitHub installs the linter alone, annotates the lines, and ends as lint does', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly default: string }>>;
    readonly runs: { readonly steps: readonly { readonly name: string; readonly run: string }[] };
  };
  const step = (wanted: string) => action.runs.steps.find(({ name }) => name === wanted)?.run ?? 'false';
  // What a checkout of this repository has, as far as the action may need it.
  const checkout = join(folder, 'the action');
  for (const part of ['package.json', 'package-lock.json', '.npmrc', 'scripts', 'schemas', 'server/src'])
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  env.GITHUB_ACTION_PATH = checkout;
  env.OPTIONS = action.inputs.options?.default;
  env.PATHS = action.inputs.paths?.default;
  const place = repository('checked out', { 'config.yaml': bad });
  expect(run(place, 'bash', '-e', '-c', step('Build'))).toMatchObject({ code: 0 });
  expect(bytesIn(join(checkout, '.cache')) + bytesIn(join(checkout, 'dist'))).toBeLessThan(25_000_000);
  const lint = () => run(place, 'bash', '-e', '-c', step('Lint'));
  expect(lint()).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^::warning file=config\.yaml,line=2,.*title=unknown-key::/m) as string,
  });
  writeFileSync(join(place, 'config.yaml'), good);
  expect(lint()).toEqual({ code: 0, output: '' });
  // The file needs nothing beside it.
  const alone = join(folder, 'alone.mjs');
  copyFileSync(join(checkout, 'dist', 'lint.mjs'), alone);
  expect(run(place, process.execPath, alone, '--severity', 'model-missing=off', '.')).toEqual({
    code: 0,
    output: '1 config, no problems.\n',
  });
  expect(run(place, process.execPath, alone, '--format', 'xml').code).toBe(2);
}, 120_000);

function bytesIn(path: string): number {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(path, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

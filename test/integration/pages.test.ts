import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pages, runPages, snippetsOf } from '../support/pages.ts';
import { freePort } from '../support/redis.ts';
import { root } from '../support/serving.ts';

let folder = '';
let env: NodeJS.ProcessEnv;

/** An empty folder on a machine where the commands are installed as the pages say, with a Redis port of its own. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pages-'));
  const port = await freePort();
  const prefix = join(folder, 'prefix');
  const bin = join(prefix, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(prefix, 'lib', 'node_modules'), { recursive: true });
  symlinkSync(root, join(prefix, 'lib', 'node_modules', 'cluster-serving'));
  const program = `"${process.execPath}" "${join(root, 'bin', 'cluster-serving.cjs')}"`;
  // A page has the usual port; every config that it writes gets that of the test.
  const ofTest = `printf '\\nredisUrl: 127.0.0.1:${port}\\n' >> config.yaml`;
  script(join(bin, 'cluster-serving'), `${program} "$@" || exit $?\n[ "$1" != init ] || ${ofTest}`);
  const redisCli = spawnSync('sh', ['-c', 'command -v redis-cli'], { encoding: 'utf8' }).stdout.trim();
  script(join(bin, 'redis-cli'), `exec "${redisCli}" -p ${port} "$@"`);
  env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    npm_config_prefix: prefix,
    CLUSTER_SERVING_STATE: join(folder, 'state'),
  };
  mkdirSync(join(folder, 'work'));
});

afterEach(() => {
  run('cluster-serving stop --all; find . -name config.yaml -exec cluster-serving shutdown --yes -c {} \\;');
  rmSync(folder, { recursive: true, force: true });
});

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

function run(text: string) {
  return spawnSync('bash', ['-ec', text], { cwd: join(folder, 'work'), env, encoding: 'utf8' });
}

/** What a page takes for granted. */
const before: Readonly<Record<string, string>> = {
  'docs/queues.md': `cp -r "$(npm root --global)/cluster-serving/examples/digits/." . && rm config.yaml
cluster-serving init --model model --job-name digits && echo 'imageResize: 8,8' >> config.yaml && cluster-serving start`,
  'docs/editors.md':
    'cp -r "$(npm root --global)/cluster-serving/examples/digits/model" . && cluster-serving init --model model',
};

test.each(runPages.filter((page) => page !== 'docs/http.md'))(
  'a reader who runs every command of %s gets to its end',
  (page) => {
    const commands = snippetsOf(page).filter(
      ({ language, notRun }) => language === 'sh' && notRun === undefined,
    );
    expect(commands.length).toBeGreaterThan(0);
    const steps = commands.map(({ line, code }) => `echo "-- line ${line}" >&2\n${code}`);
    const { status, stdout, stderr } = run([before[page] ?? '', ...steps].join('\n'));
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  },
);

describe('snippets that are not run', () => {
  const checkers = {
    sh: ['bash', '-n'],
    python: ['python3', '-c', 'import ast, sys; ast.parse(sys.stdin.read())'],
  };

  test.each(
    pages
      .flatMap(snippetsOf)
      .filter(({ language, notRun }) => language in checkers && notRun !== undefined)
      .map((snippet) => [`${snippet.page}:${snippet.line}`, snippet] as const),
  )('can be parsed: %s', (_place, { language, code }) => {
    const [program = '', ...args] = checkers[language as keyof typeof checkers];
    const { status, stderr } = spawnSync(program, args, { input: code, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  });
});

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { root } from '../support/serving.ts';

const maxInstalledMb = 70;
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const prefix = join(folder, 'global');
const installed = join(prefix, 'lib', 'node_modules', 'cluster-serving');
let redis: TestRedis;
let files: readonly string[] = [];

beforeAll(async () => {
  redis = await startRedis();
  const packed = npm(root, 'pack', '--json', '--pack-destination', folder);
  expect(packed.status, packed.stderr).toBe(0);
  const [entry] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  files = entry.files.map(({ path }) => path);
  // Without its registry: the package needs nothing beside itself.
  const install = npm(
    folder,
    'install',
    '--global',
    '--offline',
    '--prefix',
    prefix,
    join(folder, entry.filename),
  );
  expect(install.status, install.stderr).toBe(0);
});

afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

function npm(cwd: string, ...args: string[]) {
  return spawnSync('npm', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, npm_config_loglevel: 'warn' },
  });
}

function run(program: string, ...args: string[]) {
  return spawnSync(join(prefix, 'bin', program), args, {
    cwd: folder,
    encoding: 'utf8',
    // Nothing of this clone may help.
    env: { PATH: process.env.PATH ?? '', HOME: folder, CLUSTER_SERVING_STATE: join(folder, 'state') },
  });
}

const filesBelow = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the npm package', () => {
  test('holds the programs, the pages, the example and the licences of what is bundled', () => {
    for (const path of [
      ...[
        'bin/cluster-serving.cjs',
        'dist/cli.mjs',
        'dist/engine.mjs',
        'dist/http.mjs',
        'dist/languageServer.cjs',
      ],
      ...['dist/THIRD_PARTY_NOTICES.txt', 'dist/web/monitor.js', 'man/cluster-serving.1', 'docs/http.md'],
      ...[
        'examples/digits/config.yaml',
        'examples/digits/model/digits.onnx',
        'LICENSE',
        'README.md',
        'SECURITY.md',
      ],
    ])
      expect(files).toContain(path);
    const notices = readFileSync(join(installed, 'dist', 'THIRD_PARTY_NOTICES.txt'), 'utf8');
    for (const name of [
      ...['fastify', 'ioredis', 'onnxruntime-node', 'onnxruntime-common'],
      ...['koffi', `@koromix/koffi-${process.platform}-${process.arch}`, 'yaml', 'commander'],
    ])
      expect(notices).toMatch(new RegExp(`^- ${name} \\d+\\.\\d+\\.\\d+.* \\(.+\\)$`, 'm'));
  });

  test('holds no source maps, no sources and the runtime of one platform', () => {
    expect(
      files.filter((path) => /\.map$|\.sources$|^(server|client|schemas\/.*\.ts|test)\b/.test(path)),
    ).toEqual([]);
    const platforms = files.flatMap((path) => /napi-v\d+\/(\w+\/\w+)\//.exec(path)?.[1] ?? []);
    expect([...new Set(platforms)]).toEqual([`${process.platform}/${process.arch}`]);
  });

  test("holds what calls OpenVINO's library", () => {
    const program = join(installed, 'dist', 'koffi', 'src', 'koffi', 'indirect.cjs');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['-p', `typeof require(${JSON.stringify(program)}).load`],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    expect(stdout.trim()).toBe('function');
  });

  test(`takes at most ${maxInstalledMb} MB when it is installed`, () => {
    const bytes = filesBelow(installed).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes / 1e6).toBeLessThanOrEqual(maxInstalledMb);
  });

  test('links to pages and files that it holds', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    const broken = pages.flatMap((page) =>
      [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target]) => join(page, '..', target ?? ''))
        .filter((target) => !existsSync(join(installed, target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('serves the example from an empty folder', () => {
    const config = join(folder, 'config.yaml');
    const example = join(installed, 'examples', 'digits');
    writeFileSync(
      config,
      [
        `modelPath: ${join(example, 'model')}`,
        'jobName: packed',
        'imageResize: 8,8',
        `redisUrl: 127.0.0.1:${redis.port}`,
      ].join('\n'),
    );
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(run('cluster-serving', '--version').stdout.trim()).toContain(version);
    const started = run('cluster-serving', 'start', '-c', config);
    expect(started.status, started.stderr).toBe(0);
    try {
      const image = join(example, 'images', 'digit-07.png');
      const predicted = run('cluster-serving', 'predict', '-c', config, image, '--json');
      expect(predicted.status, predicted.stderr).toBe(0);
      expect(run('cluster-serving', 'doctor', '-c', config).stdout).toContain('ONNX Runtime');
    } finally {
      expect(run('cluster-serving', 'stop', '-c', config).status).toBe(0);
    }
  });

  test('puts its man pages where man looks for them', () => {
    const pages = readdirSync(join(root, 'man'));
    expect(readdirSync(join(prefix, 'share', 'man', 'man1')).sort()).toEqual(pages.sort());
  });

  test('completes commands in a shell', () => {
    const script = 'source <(cluster-serving completion bash); complete -p cluster-serving';
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { PATH: `${join(prefix, 'bin')}:${process.env.PATH ?? ''}`, HOME: folder },
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('_cluster_serving');
  });

  test('is made without a warning', () => {
    const dry = npm(
      root,
      'publish',
      '--dry-run',
      '--ignore-scripts',
      '--tag',
      'test',
      '--//registry.npmjs.org/:_authToken=none',
    );
    expect(dry.status, dry.stderr).toBe(0);
    expect(dry.stderr.split('\n').filter((line) => /npm warn/i.test(line))).toEqual([]);
  });
});

describe('a clone that is not built', () => {
  const clone = join(folder, 'clone');
  const left = new Set(['node_modules', '.cache', 'dist', '.git', 'target']);

  beforeAll(() => {
    cpSync(root, clone, {
      recursive: true,
      filter: (path) =>
        !relative(root, path)
          .split(sep)
          .some((name) => left.has(name)),
    });
  });

  test('makes no package, and says what to do', () => {
    const packed = npm(clone, 'pack', '--pack-destination', folder);
    expect(packed.status).not.toBe(0);
    expect(packed.stderr).toContain('npm ci');
  });

  test.each(readdirSync(join(root, 'bin')).filter((name) => name !== 'load.cjs'))(
    '%s says what to do',
    (name) => {
      const { status, stderr } = spawnSync(process.execPath, [join(clone, 'bin', name)], {
        encoding: 'utf8',
      });
      expect(status).toBe(1);
      expect(stderr).toBe('Cluster Serving is not built yet. Run "npm run build" in its folder.\n');
    },
  );
});

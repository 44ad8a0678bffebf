import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configKeys } from '../../schemas/config/configKeys.ts';
import { builtImage, runContainer } from '../support/container.ts';
import { openWorkshop, root } from '../support/serving.ts';

const deploy = join(root, 'deploy');
const folder = mkdtempSync(join(tmpdir(), 'machines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr, stdout };
}

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly depends_on?: object;
}

describe('the compose file', () => {
  const file = join(deploy, 'compose.yaml');
  const composed = run('docker-compose', '--file', file, 'config');
  const { services } = parse(composed.stdout) as { services: Readonly<Record<string, Service>> };
  const read = (path: string) => parse(readFileSync(join(deploy, 'compose', path), 'utf8')) as unknown;

  test('is one that compose reads, with Redis, worker, frontend, Prometheus and Grafana', () => {
    expect(composed.status, composed.output).toBe(0);
    expect(Object.keys(services).sort()).toEqual(['frontend', 'grafana', 'prometheus', 'redis', 'worker']);
  });

  test('mounts files that are there, where the image looks for them, read-only', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes);
    const fromHere = mounted.map((line) => line.split(':')).filter(([source = '']) => source.startsWith('/'));
    expect(fromHere.length).toBeGreaterThanOrEqual(7);
    for (const [source = '', , mode] of fromHere) {
      expect(existsSync(source), source).toBe(true);
      expect(mode, source).toBe('ro');
    }
    expect(fromHere.map(([, target]) => target)).toContain(`${builtImage().settings.WorkingDir}/config.yaml`);
  });

  test('runs the containers of the image with a read-only root, from the image that it builds', () => {
    for (const name of ['worker', 'frontend']) {
      expect(services[name]?.read_only).toBe(true);
      expect(services[name]?.image).toBe('cluster-serving:latest');
    }
  });

  test('has a config without a finding, whose Redis is a service', async () => {
    const mounts = {
      '/etc/cluster-serving': join(deploy, 'compose'),
      '/models': join(root, 'examples/digits/model'),
    };
    const lint = runContainer(builtImage(), { args: ['lint', 'config.yaml'], mounts });
    expect(await lint.ended, lint.output.stdout).toBe(0);
    const { redisUrl } = read('config.yaml') as { redisUrl: string };
    expect(Object.keys(services)).toContain(redisUrl.split(':')[0]);
    expect(redisUrl.split(':')[1]).toBe(String(configKeys.redisUrl.default.port));
  });

  test("scrapes a frontend and gives Grafana a Prometheus, both by their services' names", () => {
    const { scrape_configs: scraped } = read('prometheus.yaml') as {
      scrape_configs: { static_configs: { targets: string[] }[]; honor_labels: boolean }[];
    };
    expect(scraped[0]?.static_configs[0]?.targets).toEqual(['frontend:10020']);
    // The dashboard names jobs by the label that the frontend gives.
    expect(scraped[0]?.honor_labels).toBe(true);
    const { datasources } = read('grafana/datasources.yaml') as { datasources: { url: string }[] };
    expect(new URL(datasources[0]?.url ?? '').hostname).toBe('prometheus');
    const { providers } = read('grafana/dashboards.yaml') as { providers: { options: { path: string } }[] };
    const dashboard = services.grafana?.volumes?.find((line) => line.includes('grafana-dashboard.json'));
    expect(dashboard).toContain(`:${providers[0]?.options.path}/`);
  });
});

describe('the units of systemd', () => {
  const units = readdirSync(join(deploy, 'systemd')).filter((name) => name.endsWith('.service'));
  const textOf = (name: string) => readFileSync(join(deploy, 'systemd', name), 'utf8');

  test.each(units)('%s is one that systemd takes, without a warning', (name) => {
    const { status, output } = run('systemd-analyze', 'verify', '--man=no', join(deploy, 'systemd', name));
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  test.each(units)('%s keeps its service from what it does not need', (name) => {
    const { output } = run(
      ...(['systemd-analyze', 'security', '--offline=yes', '--no-pager'] as const),
      join(deploy, 'systemd', name),
    );
    const exposure = Number(/exposure level for .*: ([\d.]+) /.exec(output)?.[1]);
    expect(exposure, output).toBeLessThan(2.5);
  });

  test.each(units)('%s runs a command with options that there are', async (name) => {
    const [, line = ''] = /^ExecStart=\/usr\/bin\/env cluster-serving (.*)$/m.exec(textOf(name)) ?? [];
    const [command = '', ...options] = line.replaceAll('%i', 'digits').split(' ');
    const shop = openWorkshop();
    const help = await shop.cli(command, '--help');
    await shop.close();
    expect(options[0]).toBe('-c');
    for (const option of options.filter((word) => word.startsWith('-')))
      expect(help.stdout, option).toContain(option);
    expect(options).toContain('/etc/cluster-serving/digits/config.yaml');
  });

  test('leave the config and the state where each instance has its own', () => {
    for (const name of units) {
      const text = textOf(name);
      const [, state] = /^StateDirectory=(.*)$/m.exec(text) ?? [];
      expect(text).toContain(`Environment=CLUSTER_SERVING_STATE=/var/lib/${state}/state`);
      expect(state).toMatch(/%i$/);
    }
  });
});

test('logrotate takes logs that a shell writes, and what is written meanwhile stays in place', () => {
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const log = join(logs, 'frontend.log');
  writeFileSync(log, 'a line\n');
  const rules = readFileSync(resolve(deploy, 'systemd', 'cluster-serving.logrotate'), 'utf8');
  expect(rules).toContain('/var/log/cluster-serving/*.log {');
  const config = join(folder, 'logrotate.conf');
  writeFileSync(config, rules.replace('/var/log/cluster-serving', logs), { mode: 0o644 });
  const { status, output } = run('logrotate', '--force', '--state', join(folder, 'state'), config);
  expect(status, output).toBe(0);
  expect(readFileSync(`${log}.1`, 'utf8')).toBe('a line\n');
  expect(readFileSync(log, 'utf8')).toBe('');
});

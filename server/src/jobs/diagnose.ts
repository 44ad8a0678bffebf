import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Redis } from 'ioredis';
import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { runnableTypes } from '../model/detectModel.ts';
import { findModel } from '../model/findModel.ts';
import { addressText, connectRedis, type RedisAddress } from '../queue/redis/connectRedis.ts';
import { redisAddress } from '../queue/redis/redisAddress.ts';
import { readServerFacts, requireSuitable } from '../queue/redis/serverFacts.ts';
import { backends } from './backends.ts';
import { describeRedis, requireEqualClocks, requireSoundRegistry, requireUsable } from './checkRedis.ts';
import { isRemotePath } from './flink/modelSource.ts';
import { loadConfig, type LoadedConfig } from '../workspace/loadConfig.ts';
import { loopbackAddresses } from './machine/loopback.ts';
import { findRedisServer, installRedisHint } from './machine/redisServer.ts';
import { openStateFolder } from './machine/stateFolder.ts';

/** One precondition of a start. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** What was found; for a problem, what is wrong and how to correct it. */
  readonly text: string;
}

/** Looks, and adds what was found; what `look` throws is a problem. */
type Add = (check: string, look: () => string | Promise<string>) => Promise<void>;

/** Checks everything that a start needs, each by trying it; changes nothing.
 *  @param runtimeFile  the bundle that loads ONNX Runtime and says its version */
export async function diagnose(configPath: string, runtimeFile: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add: Add = async (check, look) => {
    try {
      findings.push({ check, ok: true, text: await look() });
    } catch (error) {
      findings.push({ check, ok: false, text: messageOf(error) });
    }
  };
  await add('Node.js', () => process.version);
  await add('ONNX Runtime', () => loadRuntime(runtimeFile));
  await add('state folder', () => openStateFolder().path);
  let loaded: LoadedConfig | undefined;
  await add('config', () => {
    loaded = loadConfig(configPath);
    return [loaded.path, ...loaded.warnings].join('\n');
  });
  if (!loaded) return findings;
  const { config, folder } = loaded;
  const backend = backends[config.backend];
  await add('model', () => {
    if (isRemotePath(config.modelPath)) return `${config.modelPath} is read by the cluster`;
    const path = resolve(folder, config.modelPath);
    const { type, file } = findModel(path, readdirSync);
    if (!runnableTypes[config.backend].some((runnable) => runnable === type))
      throw new ServingError(
        'model-unsupported',
        `${join(path, file)} is a ${type} model, which ${config.backend} does not run; ${backend.unsupportedHint}.`,
      );
    return `${join(path, file)} (${type})`;
  });
  for (const { check, look } of backend.diagnose(loaded)) await add(check, look);
  const address = redisAddress(config, folder);
  await diagnoseRedis(address, config.jobName, add);
  return findings;
}

async function loadRuntime(runtimeFile: string): Promise<string> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [runtimeFile], {
    reject: false,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  });
  if (exitCode === 0) return stdout;
  throw new ServingError(
    'model-load-failed',
    `ONNX Runtime does not load on ${process.platform}-${process.arch}: ${stderr.trim().split('\n').at(-1) ?? ''}. Install the package for this platform; in a clone, run "npm ci" and "npm run build" again.`,
  );
}

async function diagnoseRedis(address: RedisAddress, jobName: string, add: Add): Promise<void> {
  let redis: Redis | undefined;
  await add('Redis', async () => {
    try {
      redis = await connectRedis(address);
    } catch (error) {
      return explainAbsence(address, error);
    }
    requireSuitable(address, await readServerFacts(redis));
    return describeRedis(redis, address);
  });
  if (!redis) return;
  const connected = redis;
  try {
    const { mode } = await readServerFacts(connected);
    if (mode !== 'standalone') return;
    await add('Redis rights', async () => {
      await requireUsable(connected, address, jobName, ['worker', 'commands', 'http']);
      return 'all that is needed';
    });
    await add('registry', () => requireSoundRegistry(connected, address));
    await add('clocks', () => requireEqualClocks(connected, address));
  } finally {
    connected.disconnect();
  }
}

/** A Redis that is not there is no problem where the start can start one. */
async function explainAbsence(address: RedisAddress, error: unknown): Promise<string> {
  const absent = error instanceof ServingError && error.code === 'redis-refused';
  if (!absent || !(await loopbackAddresses(address.host))) throw error;
  const program = findRedisServer();
  if (program === undefined)
    throw new ServingError(
      'redis-missing',
      `Nothing listens at ${addressText(address)}, and there is no redis-server to start. ${installRedisHint}`,
    );
  return `nothing listens at ${addressText(address)} yet; "start" will start ${program}`;
}

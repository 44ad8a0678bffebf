import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { runnableTypes } from '../model/detectModel.ts';
import { findModel } from '../model/findModel.ts';
import { addressText, connectRedis, type RedisAddress } from '../queue/connectRedis.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import { readMemoryInfo } from '../queue/workerRegistry.ts';
import { backends } from './backends.ts';
import { isRemotePath } from './flink/modelSource.ts';
import { loadConfig, type LoadedConfig } from './loadConfig.ts';
import { loopbackAddresses } from './machine/loopback.ts';
import { findRedisServer, installRedisHint } from './machine/redisServer.ts';
import { openStateFolder } from './machine/stateFolder.ts';

/** One precondition of a start. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** What was found; for a problem, what is wrong and what mends it. */
  readonly text: string;
}

/** Checks everything that a start needs, each by trying it; changes nothing.
 *  @param runtimeFile  the bundle that loads ONNX Runtime and says its version */
export async function diagnose(configPath: string, runtimeFile: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = async (check: string, look: () => string | Promise<string>): Promise<void> => {
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
  await add('Redis', () => lookAtRedis(address));
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
    `onnxruntime-node does not load on ${process.platform}-${process.arch}: ${stderr.trim().split('\n').at(-1) ?? ''}. Run "npm install" again.`,
  );
}

async function lookAtRedis(address: RedisAddress): Promise<string> {
  const program = findRedisServer();
  try {
    const redis = await connectRedis(address);
    try {
      const { policy, maxBytes } = await readMemoryInfo(redis);
      if (maxBytes > 0 && policy !== 'noeviction')
        throw new ServingError(
          'redis-failed',
          `It drops keys when it is full (${policy}), records and results among them: redis-cli -p ${address.port} config set maxmemory-policy noeviction`,
        );
      const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '?';
      return `${addressText(address)}, version ${version}`;
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    const absent = error instanceof ServingError && error.code === 'redis-refused';
    if (!absent || !(await loopbackAddresses(address.host))) throw error;
    if (program === undefined)
      throw new ServingError(
        'redis-missing',
        `Nothing listens at ${addressText(address)}, and there is no redis-server to start. ${installRedisHint}`,
      );
    return `nothing listens at ${addressText(address)} yet; "start" will start ${program}`;
  }
}

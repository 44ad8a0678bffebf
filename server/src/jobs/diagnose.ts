import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { runnableTypes } from '../model/detectModel.ts';
import { findModel } from '../model/findModel.ts';
import { addressText, connectRedis, type RedisAddress } from '../queue/connectRedis.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import { readMemoryInfo } from '../queue/workerRegistry.ts';
import { checkCluster } from './flink/checkCluster.ts';
import { isRemotePath } from './flink/modelSource.ts';
import { canStartFlink } from './flink/ownFlink.ts';
import { flinkText } from './flink/rest.ts';
import { loadConfig, type LoadedConfig } from './loadConfig.ts';
import { findRedisServer, installRedisHint, isThisMachine } from './machine/redisServer.ts';
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
  await add('model', () => {
    if (isRemotePath(config.modelPath)) return `${config.modelPath} is read by the cluster`;
    const path = resolve(folder, config.modelPath);
    const { type, file } = findModel(path, readdirSync);
    if (!runnableTypes[config.backend].some((runnable) => runnable === type))
      throw new ServingError(
        'model-unsupported',
        `${join(path, file)} is a ${type} model, which ${config.backend} does not run; export it to ONNX${config.backend === 'flink' ? ', or start with --jar and a jar that runs it' : ''}.`,
      );
    return `${join(path, file)} (${type})`;
  });
  if (config.backend === 'flink') await add('Flink', () => lookAtFlink(loaded as LoadedConfig));
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

async function lookAtFlink({ config }: LoadedConfig): Promise<string> {
  const address = config.flinkRestUrl;
  try {
    const { version, slots, freeSlots, taskManagers } = await checkCluster(address, config.modelParallelism);
    return `${flinkText(address)}, version ${version}, ${freeSlots} of ${slots} slots free on ${count(taskManagers)}`;
  } catch (error) {
    if (!(error instanceof ServingError && error.code === 'flink-refused' && canStartFlink(address)))
      throw error;
    return `nothing listens at ${flinkText(address)} yet; "start --start-flink" will start the one in FLINK_HOME`;
  }
}

function count(taskManagers: number): string {
  return taskManagers === 1 ? '1 TaskManager' : `${taskManagers} TaskManagers`;
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
    const absent =
      error instanceof ServingError && error.code === 'redis-refused' && isThisMachine(address.host);
    if (!absent) throw error;
    if (program === undefined)
      throw new ServingError(
        'redis-missing',
        `Nothing listens at ${addressText(address)}, and there is no redis-server to start. ${installRedisHint}`,
      );
    return `nothing listens at ${addressText(address)} yet; "start" will start ${program}`;
  }
}

import type { Config } from '../../../schemas/config/configKeys.ts';
import { knownWordsWarning } from '../../../schemas/encryption.ts';
import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { recordSecretsKey } from '../../../schemas/redis/redisKeys.ts';
import { modelTypeRow, runtimeRow } from '../../../schemas/runtimes.ts';
import { requirePackages } from '../model/python/packages.ts';
import type { ResolvedModel } from '../model/resolveModel.ts';
import { openStore } from '../queue/openStore.ts';
import type { RedisAddress } from '../queue/redis/redisAddress.ts';
import { addressText } from '../queue/redis/redisTrouble.ts';
import { storeAddress } from '../queue/storeAddress.ts';
import { diagnoseKafka } from './kafka/diagnoseKafka.ts';
import { requireSuitable } from '../queue/redis/serverFacts.ts';
import type { Store } from '../queue/store.ts';
import { backends } from './backends.ts';
import {
  describeRedis,
  programsOf,
  requireEqualClocks,
  requireSoundRegistry,
  requireUsable,
} from './redis/checkRedis.ts';
import { loadConfig, type LoadedConfig } from '../workspace/loadConfig.ts';
import { loopbackAddresses } from './machine/loopback.ts';
import { findRedisServer, installRedisHint } from './machine/redisServer.ts';
import { openStateFolder } from './machine/stateFolder.ts';
import { modelOf } from './modelOf.ts';
import { requireModelSecret } from './requireModelSecret.ts';
import { checkRuntime } from './runtimes/checkRuntime.ts';

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
 *  @param runtimeFile  the bundle that loads a runtime and says its version */
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
  await add('ONNX Runtime', () => checkRuntime(runtimeFile, 'onnxruntime', ''));
  await add('state folder', () => openStateFolder().path);
  let loaded: LoadedConfig | undefined;
  await add('config', () => {
    loaded = loadConfig(configPath);
    return [loaded.path, ...loaded.warnings].join('\n');
  });
  if (!loaded) return findings;
  const found = loaded;
  const { config, folder } = found;
  const backend = backends[config.backend];
  let model: ResolvedModel | undefined;
  await add('model', async () => {
    model = await modelOf(found);
    if (!model) return `${config.modelPath} is read by the cluster`;
    const { source, runtime, place } = model;
    const what = `${source.file} (${modelTypeRow(source.type).title}), run by ${runtimeRow(runtime).title} (${place.from})`;
    return [what, ...(model.found.note === undefined ? [] : [model.found.note])].join('\n');
  });
  if (model?.runtime === 'python' && config.backend === 'flink') {
    const { modules = [] } = modelTypeRow(model.source.type);
    await add(
      'Python',
      () => `each TaskManager needs one with ${modules.join(' and ')}; a start says what is missing`,
    );
  } else if (model && model.runtime !== 'onnxruntime') {
    const { runtime, place, source } = model;
    await add(runtimeRow(runtime).title, () => checkRuntime(runtimeFile, runtime, place.place));
    const { modules = [] } = modelTypeRow(source.type);
    if (runtime === 'python')
      await add('Python packages', async () => {
        await requirePackages(source.type, source.file, place.place);
        return modules.join(', ');
      });
  }
  for (const { check, look } of backend.diagnose(loaded)) await add(check, look);
  const address = storeAddress(config, folder);
  const waits = model?.isEncrypted ?? config.modelEncrypted;
  if (address.kind === 'kafka') {
    for (const { check, look } of diagnoseKafka(address, config, waits)) {
      await add(check, look);
      // The rest would only say the same again.
      if (check === 'Kafka' && findings.at(-1)?.ok === false) break;
    }
  } else await diagnoseRedis(address, config, waits, add);
  return findings;
}

/** @param waits  a start waits for the secret of the model */
async function diagnoseRedis(address: RedisAddress, config: Config, waits: boolean, add: Add): Promise<void> {
  let store: Store | undefined;
  await add('Redis', async () => {
    try {
      store = await openStore(address);
    } catch (error) {
      return explainAbsence(address, error);
    }
    requireSuitable(address, await store.server.readServerFacts());
    return describeRedis(store, address);
  });
  if (!store) return;
  const opened = store;
  try {
    const { mode } = await opened.server.readServerFacts();
    if (mode !== 'standalone') return;
    await add('Redis rights', async () => {
      const programs = programsOf(config, ['worker', 'commands', 'http']);
      await requireUsable(opened, address, config.jobName, programs);
      return 'all that is needed';
    });
    if (waits) await add('secret of the model', () => requireModelSecret(opened.secrets));
    if (config.recordEncrypted)
      await add('secret of records', async () =>
        (await opened.secrets.readSecret('record')) ? `is in ${recordSecretsKey}` : `${knownWordsWarning}.`,
      );
    await add('registry', () => requireSoundRegistry(opened, address));
    await add('clocks', () => requireEqualClocks(opened, address));
  } finally {
    opened.close();
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

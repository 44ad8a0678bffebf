import { knownWordsWarning } from '../../../../schemas/encryption.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import type { Backend } from '../../../../schemas/jobEvents.ts';
import { effectiveConfig } from '../../config/effectiveConfig.ts';
import { requirePackages } from '../../model/python/packages.ts';
import { codeOf } from '../../model/recognise/runsCode.ts';
import type { ResolvedModel } from '../../model/resolveModel.ts';
import { notDecrypted } from '../../model/recognise/inspectEncrypted.ts';
import type { RedisAddress } from '../../queue/redis/redisAddress.ts';
import { storeAddress, storeText } from '../../queue/storeAddress.ts';
import type { Store } from '../../queue/store.ts';
import { backends } from '../backends.ts';
import { programsOf, requireUsable } from '../redis/checkRedis.ts';
import { holdStart } from './holdStart.ts';
import { makeRoom } from './makeRoom.ts';
import { modelOf } from '../modelOf.ts';
import { openKafka } from '../kafka/openKafka.ts';
import { openRedis } from '../redis/openRedis.ts';
import type { StartedJob, Starting, StartOptions } from './starting.ts';
import { withUndo } from './undo.ts';

/** Starts a job: checks all that can be checked, finds or starts Redis, starts the workers, waits for their first warm
 *  inference. Whatever fails or is aborted on the way is taken back, and nothing that is another's.
 *  @throws ServingError */
export function startJob(options: StartOptions): Promise<StartedJob> {
  const { state, loaded, onStep, onWarning, signal } = options;
  const { config, folder } = loaded;
  return withUndo(signal, async (undo, check) => {
    const backend = backends[config.backend];
    backend.requireSense(options);
    onStep('config');
    const model = await requireModel(options);
    if (model?.found.note !== undefined) onWarning(`${model.found.note}.`);
    if (model) await readyForPython(model, config.backend, onWarning);
    const plain = model && config.modelEncrypted ? notDecrypted(model.found) : undefined;
    if (plain !== undefined) onWarning(plain);

    const parallelism = options.workers ?? effectiveConfig(config, model?.found.type).modelParallelism;
    const { startedFlink } = await backend.check(options, parallelism, undo);
    check();

    onStep('redis');
    const address = storeAddress(config, folder);
    let lock: Awaited<ReturnType<typeof holdStart>> | undefined;
    const claim = async (opened: Store) => {
      lock = await holdStart(opened.registry, config.jobName, options.foreground ? options : undefined);
      undo.push(lock.release);
    };
    const { store, isStarted } =
      address.kind === 'kafka'
        ? await openKafka(address, options, undo, claim)
        : await openRedis({ state, loaded, address, undo, signal }, async (opened) => {
            const programs = programsOf(config, ['worker', 'commands']);
            await requireUsable(opened.store, address, config.jobName, programs);
            await claim(opened.store);
          });
    check();
    if (address.kind === undefined) await warnOfEviction(store, address, onWarning);
    if (config.recordEncrypted && !(await store.secrets.readSecret('record')))
      onWarning(`${knownWordsWarning}.`);
    await makeRoom(store.registry, options, storeText(address));
    check();

    const starting: Starting = { store, address, undo, check };
    const started = await backend.start(options, starting, parallelism);
    check();
    lock?.requireHeld();
    await lock?.release();
    store.close();
    return {
      jobName: config.jobName,
      redis: storeText(address),
      startedRedis: isStarted,
      startedFlink,
      ...started,
    };
  });
}

/** @returns undefined where it is not known here. @throws ServingError "model-…" or "runtime-missing" */
async function requireModel({ loaded, flink }: StartOptions): Promise<ResolvedModel | undefined> {
  try {
    return await modelOf(loaded);
  } catch (error) {
    // A jar of the user's may run what the built-in one does not.
    const code = error instanceof ServingError ? error.code : undefined;
    if (flink.jar !== undefined && code === 'model-unsupported') return undefined;
    throw error;
  }
}

/** Says what code of a model folder the start runs, and sees that Python has what the model needs, where it runs here.
 *  @throws ServingError "runtime-missing" */
async function readyForPython(
  { found, source, runtime, place }: ResolvedModel,
  backend: Backend,
  warn: (warning: string) => void,
): Promise<void> {
  const code = codeOf(found);
  const user = backend === 'flink' ? "the TaskManager's user" : 'your user';
  if (code !== undefined) warn(`${source.file} ${code}: it has the rights of ${user}.`);
  if (runtime === 'python' && backend === 'embedded')
    await requirePackages(source.type, source.file, place.place);
}

/** A Redis that evicts keys loses records and results in silence. It is the user's, so it is left as it is. */
async function warnOfEviction(
  { server }: Store,
  address: RedisAddress,
  warn: (warning: string) => void,
): Promise<void> {
  const info = await server.readMemoryInfo();
  if (!info || info.maxBytes === 0 || info.policy === 'noeviction') return;
  warn(
    `Redis at ${storeText(address)} drops keys when it is full (maxmemory-policy ${info.policy}), records and results among them. ` +
      `To keep them: redis-cli -h ${address.host} -p ${address.port} config set maxmemory-policy noeviction`,
  );
}

import { messageOf } from '../../../schemas/errors.ts';
import type { EarlyBeat, Registration, ReloadRequest, SecretNeeded } from '../../../schemas/jobEvents.ts';
import { createImageDecoder } from '../codec/image/imageThread.ts';
import type { ModelSource } from '../model/session.ts';
import type { Assignment, WorkerOptions } from './assignment.ts';
import { loadServing, sourceOf } from './loadServing.ts';
import { serve } from './serveModel.ts';
import { registrationOf } from './shownWorker.ts';
import { createStopSwitch, type StopSwitch } from './stopSwitch.ts';
import { createVitalSigns, type VitalSigns } from './vitalSigns.ts';

/** Serves a job from a queue until it is stopped; then all its records in flight are answered.
 *  A start that fails leaves nothing behind; a worker that fails later leaves the reason in its registration.
 *  @throws ServingError */
export async function runAssignment(options: WorkerOptions, assignment: Assignment): Promise<void> {
  const { workerId, log, report } = options;
  const { job, queue } = assignment;
  let signs: VitalSigns | undefined;
  let registration: Registration | undefined;
  let reload: (request: ReloadRequest) => void = () => undefined;
  const stopping = createStopSwitch(options.onStoppable);
  const progress = { ready: false };
  const images = createImageDecoder(options.imageWorkerFile);
  try {
    await queue.open();
    registration = registrationOf(job, assignment.backend, options, queue.now());
    signs = createVitalSigns({
      queue,
      registration,
      log,
      onStopAsked: stopping.stop,
      onReloadAsked: (request) => reload(request),
    });
    await signs.start();
    report({ step: 'model' });
    const source = await firstSource(assignment, options, signs, stopping);
    if (!source) {
      await signs.end();
      await queue.forget(workerId);
      return;
    }
    const loaded = await loadServing({
      job,
      resolved: assignment.model,
      source,
      modelWorkerFile: options.modelWorkerFile,
      images,
      log,
      onLoaded: () => report({ step: 'warm-up' }),
      onUnfitSample: (sentence) => log.warn(sentence),
    });
    const last = await serve(
      options,
      assignment,
      loaded,
      { registration, signs, stopping, onReloadAsked: (given) => (reload = given) },
      images,
      () => {
        progress.ready = true;
      },
    );
    await queue.trim();
    await last.close();
    await queue.forget(workerId);
  } catch (error) {
    // A beat that is still under way would write again what is taken back here.
    await signs?.end();
    const note =
      (progress.ready || assignment.leavesFailure) && registration
        ? queue.fail(registration, messageOf(error))
        : queue.forget(workerId);
    await note.catch(() => undefined);
    throw error;
  } finally {
    await images.close();
    await queue.close();
  }
}

/** What to load. The secret of an encrypted model is waited for, and that is seen in Redis.
 *  @returns undefined when the worker was stopped while it waited */
async function firstSource(
  { job, model, queue }: Assignment,
  { workerId, log, report }: WorkerOptions,
  signs: VitalSigns,
  stopping: StopSwitch,
): Promise<ModelSource | undefined> {
  if (!model.isEncrypted) return model.source;
  stopping.listen();
  let needs: SecretNeeded | undefined;
  const beat = (): EarlyBeat => ({
    workerId,
    jobName: job.jobName,
    at: Math.round(queue.now()),
    ...(needs ? { state: 'waiting-for-secret', needs } : { state: 'starting' }),
  });
  // A store that is away is met by the wait too, which says it.
  const show = () => void signs.early(beat).catch(() => undefined);
  const source = await sourceOf(
    model,
    { queue, log },
    {
      onNeeds(of) {
        needs = of;
        show();
        report({ needs: of });
      },
      signal: stopping.asked,
    },
  );
  if (needs && source) {
    needs = undefined;
    show();
    report({ step: 'model' });
  }
  return source;
}

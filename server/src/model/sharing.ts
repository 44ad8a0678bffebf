import type { SharingReport } from '../../../schemas/jobEvents.ts';

/** Whether rows of several records may share a run of a model. */
export interface Sharing extends SharingReport {
  /** What it rests upon: the operators of the model, samples that found nothing against it, or the config's word. */
  readonly proof: 'graph' | 'samples' | 'word';
}

export function notShared(reason: string, proof: Sharing['proof'] = 'graph'): Sharing {
  return { shared: false, reason, proof };
}

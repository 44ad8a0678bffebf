import { workspace } from 'vscode';
import { settings } from '../../../schemas/editor/settings.ts';

/** From which age of its oldest record on a queue is yellow, and red. */
export interface Ages {
  readonly yellowMs: number;
  readonly redMs: number;
}

/** As the user has set them. */
export function agesOfSettings(): Ages {
  const ages = workspace.getConfiguration('clusterServing.jobs');
  return {
    yellowMs: ages.get('yellowAfterSeconds', settings['jobs.yellowAfterSeconds'].default) * 1_000,
    redMs: ages.get('redAfterSeconds', settings['jobs.redAfterSeconds'].default) * 1_000,
  };
}

import { join } from 'node:path';
import { flinkJarName } from '../../../schemas/flinkJob.ts';

/** The bundles that a start runs or sends. */
export interface Programs {
  readonly engine: string;
  /** Starts the engine again where it ends. */
  readonly supervisor: string;
  readonly flinkJar: string;
  /** The folder of the worker that tasks on Flink start. */
  readonly flinkWorker: string;
}

/** @param folder  where the bundles lie */
export function programsIn(folder: string): Programs {
  return {
    engine: join(folder, 'engine.mjs'),
    supervisor: join(folder, 'supervisor.mjs'),
    flinkJar: join(folder, 'flink', flinkJarName),
    flinkWorker: join(folder, 'flinkWorker'),
  };
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where runtimes are installed, below the state folder. */
export function runtimesFolder(stateFolder: string): string {
  return join(stateFolder, 'runtimes');
}

/** Where a machine keeps what it remembers of its jobs: `CLUSTER_SERVING_STATE`, else the platform's place for state. */
export function stateFolderPath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.CLUSTER_SERVING_STATE) return env.CLUSTER_SERVING_STATE;
  if (process.platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'cluster-serving');
  return join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'cluster-serving');
}

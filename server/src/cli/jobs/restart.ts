import { start, type StartCommand } from './start.ts';
import { stop } from './stop.ts';

export async function restart(options: StartCommand, programFolder: string): Promise<number> {
  await stop(undefined, { config: options.config, ...(options.json ? { json: true } : {}) });
  return start(options, programFolder);
}

import { closeSync, openSync, readSync, statSync, watchFile } from 'node:fs';
import { ServingError } from '../../../../schemas/errors.ts';
import type { RemoteLog } from '../../jobs/backend.ts';
import { findLogs, lastLines, lastRemoteLines, withoutTabs } from '../../jobs/readLogs.ts';
import { onOutputClosed } from '../../program/closedOutput.ts';
import { print, type ConfigOption } from '../output.ts';

export interface LogsCommand extends ConfigOption {
  readonly follow?: boolean;
  readonly files?: boolean;
  readonly lines: number;
}

const pollMs = 200;
const remotePollMs = 2_000;

export async function logs(name: string | undefined, options: LogsCommand): Promise<number> {
  // Nothing is left to be done for a reader who has gone.
  if (options.follow) onOutputClosed(() => process.exit(0));
  const found = await findLogs(options.config, name, options.files !== true);
  if (options.files) {
    print(found.files);
    return 0;
  }
  for (const file of found.files) {
    print(lastLines(file, options.lines));
    if (options.follow) follow(file);
  }
  for (const log of found.remote) print(await lastRemoteLines(log, options.lines));
  if (options.follow) await Promise.all(found.remote.map(followRemote));
  // Following ends with the process; what watches the files keeps it alive.
  return 0;
}

async function followRemote({ read }: RemoteLog): Promise<never> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, remotePollMs));
    try {
      print((await read()).flat().map(withoutTabs));
    } catch (error) {
      // What is away for a while is asked again.
      if (!(error instanceof ServingError)) throw error;
    }
  }
}

function follow(file: string): void {
  let shown = statSync(file).size;
  watchFile(file, { interval: pollMs }, ({ size }) => {
    if (size < shown) shown = 0;
    if (size === shown) return;
    const text = readBetween(file, shown, size);
    // A line that is still being written is shown when it is whole.
    const whole = text.subarray(0, text.lastIndexOf('\n') + 1);
    if (whole.length > 0) print(whole.toString().trimEnd().split('\n').map(withoutTabs));
    shown += whole.length;
  });
}

function readBetween(file: string, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
  } finally {
    closeSync(descriptor);
  }
}

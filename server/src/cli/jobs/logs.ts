import { existsSync } from 'node:fs';
import { ServingError } from '../../../../schemas/errors.ts';
import { outputSource } from '../../../../schemas/logs.ts';
import { outputLogOf } from '../../jobs/machine/stateFolder.ts';
import type { RemoteLog } from '../../jobs/backend.ts';
import {
  findLogs,
  followLog,
  lastRemoteLines,
  outputOf,
  withoutTabs,
  type FollowedLog,
  type LogEntry,
} from '../../jobs/readLogs.ts';
import { onOutputClosed } from '../../program/closedOutput.ts';
import { print, printJson, type ConfigOption, type JsonOption } from '../output.ts';

export interface LogsCommand extends ConfigOption, JsonOption {
  readonly follow?: boolean;
  readonly files?: boolean;
  readonly lines: number;
}

const pollMs = 200;
const remotePollMs = 2_000;

/** What prints the lines of one log. */
type Printer = (entries: readonly LogEntry[]) => void;

export async function logs(name: string | undefined, options: LogsCommand): Promise<number> {
  // Nothing is left to be done for a reader who has gone.
  if (options.follow) onOutputClosed(() => process.exit(0));
  const found = await findLogs(options.config, name, options.files !== true);
  if (options.files) {
    if (options.json) printJson({ files: found.files });
    else print(found.files);
    return 0;
  }
  const printer = printerOf(options);
  for (const file of found.files) {
    const log = followLog(file);
    printer(log.next(options.lines));
    if (options.follow) follow(log, printer);
    else log.close();
    showOutput(file, options);
  }
  const printRemote = (lines: readonly string[]) => printer(lines.map((text) => ({ text })));
  for (const log of found.remote) printRemote(await lastRemoteLines(log, options.lines));
  if (options.follow) await Promise.all(found.remote.map((log) => followRemote(log, printRemote)));
  // Following ends with the process; what watches the files keeps it alive.
  return 0;
}

/** Lines for people, or an object for each: those that are none, such as traces, in one of their own. */
function printerOf({ json }: LogsCommand, source?: string): Printer {
  const more = source === undefined ? {} : { source };
  return (entries) => {
    for (const { text, object } of entries)
      if (json) printJson(object ?? { ...more, message: text });
      else print(text.split('\n'));
  };
}

/** What was printed apart from the log: it carries no times, so it cannot stand between its lines. */
function showOutput(file: string, options: LogsCommand): void {
  const output = outputOf(file);
  const printer = printerOf(options, outputSource);
  if (output !== undefined) {
    if (!options.json) print(`Printed by the process of the worker (${output}):`);
    const log = followLog(output);
    printer(log.next(options.lines));
    if (options.follow) follow(log, printer);
    else log.close();
  } else if (options.follow && existsSync(outputLogOf(file))) {
    follow(followLog(outputLogOf(file)), printer);
  }
}

function follow(log: FollowedLog, printer: Printer): void {
  setInterval(() => printer(log.next(Infinity)), pollMs);
}

async function followRemote(
  { read }: RemoteLog,
  printLines: (lines: readonly string[]) => void,
): Promise<never> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, remotePollMs));
    try {
      printLines((await read()).flat().map(withoutTabs));
    } catch (error) {
      // What is away for a while is asked again.
      if (!(error instanceof ServingError)) throw error;
    }
  }
}

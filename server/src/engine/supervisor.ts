import '../program/closedOutput.ts';
import '../program/noInspector.ts';
import { fork, type ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import type { EngineMessage } from '../../../schemas/jobEvents.ts';
import { onHangup } from '../program/onHangup.ts';
import { formatLine } from '../logs/logLine.ts';
import { readLogOptions } from '../logs/logOptions.ts';

/* Keeps a worker that answers HTTP running: `supervisor.mjs engine.mjs --worker … --log …`. A model may take its process
   with it, and the clients of a worker have no other to turn to. The worker is registered with the pid of this process, so
   that what stops, kills or looks for it need not know of two. */

/** Ends in a row after which a worker is not started again. */
const maxEnds = 5;
/** A worker that was ready for this long had another trouble than the last time. */
const settledMs = 30_000;
const firstWaitMs = 100;

const [engineFile = '', ...args] = process.argv.slice(2);
const log = readLogOptions(args);

let child: ChildProcess | undefined;
let stopping = false;
/** Since when the worker is ready; undefined before. */
let readyAt: number | undefined;
let wasReady = false;
/** The port that the first one had: clients know it. */
let port: string | undefined;
let attempt = 0;
let ends = 0;

function start(): void {
  attempt += 1;
  readyAt = undefined;
  const more = ['--attempt', String(attempt), '--registered-pid', String(process.pid)];
  child = fork(engineFile, [...args, ...more, ...(port === undefined ? [] : ['--http-port', port])]);
  child.on('message', (message: EngineMessage) => {
    hear(message);
    if (process.connected) process.send?.(message, () => 'ready' in message && part());
  });
  child.once('exit', ended);
}

function hear(message: EngineMessage): void {
  if (!('ready' in message)) return;
  readyAt = performance.now();
  wasReady = true;
  if (message.httpUrl !== undefined) ({ port } = new URL(message.httpUrl));
}

/** The start is over; who began it may end. */
function part(): void {
  process.removeListener('disconnect', leave);
  if (process.connected) process.disconnect();
}

/** Who began the start has gone before its end. */
function leave(): void {
  child?.kill('SIGKILL');
  process.exit(1);
}

function ended(code: number | null, signal: NodeJS.Signals | null): void {
  if (stopping || code === 0 || !wasReady) process.exit(code ?? 1);
  ends = readyAt !== undefined && performance.now() - readyAt > settledMs ? 1 : ends + 1;
  const how = signal ?? `code ${code}`;
  if (ends > maxEnds) {
    note(`the worker ended again (${how}): it is not started any more`);
    process.exit(1);
  }
  note(`the worker ended (${how}) and is started again`);
  setTimeout(start, firstWaitMs * 2 ** (ends - 1));
}

/** The worker alone moves the file aside, so it is opened for each line. */
function note(message: string): void {
  const { settings, owner, file } = log;
  const line = formatLine(
    { time: new Date().toISOString(), level: 'error', message, ...owner },
    settings.format,
  );
  if (settings.printed) process.stderr.write(line);
  try {
    appendFileSync(file, line, { mode: 0o600 });
  } catch {
    // A disk that is full loses lines, and not the worker.
  }
}

function stop(): void {
  stopping = true;
  child?.kill('SIGTERM');
  // Nothing runs between an end and the next start.
  if (child?.exitCode !== null || child.signalCode !== null) process.exit(0);
}

/** A worker that serves decides what it means. Where it ends by it, so does this process. */
function hangUp(): void {
  if (readyAt !== undefined && child?.exitCode === null && child.signalCode === null) child.kill('SIGHUP');
  else stop();
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
onHangup(hangUp);
if (process.connected) process.on('disconnect', leave);
start();

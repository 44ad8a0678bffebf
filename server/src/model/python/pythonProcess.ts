import { spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { readBoundedLines } from './boundedLines.ts';
import { createFrameReader, type Frame } from './frames.ts';
import { processFile } from './processFile.ts';

export interface PythonProcessOptions {
  readonly python: string;
  readonly threads: number;
  /** What it prints, line by line. */
  readonly onPrint: (line: string) => void;
  readonly onFrame: (frame: Frame) => void;
  /** Called once, with how it ended. */
  readonly onEnd: (how: string) => void;
}

/** One process of Python, from its start to its end. */
export interface PythonProcess {
  send(frame: readonly Uint8Array[]): void;
  /** Ends it at once, with the processes that the model has started. */
  kill(): void;
  /** Ends it as soon as it waits for a run, else at once after a while. Resolves when it has gone. */
  close(): Promise<void>;
}

/** After this time a process that should end is killed. */
const closeMs = 2_000;

/** Starts the program that runs a model. It leads a group of its own, so that what the model starts ends with it; it ends
 *  by itself when this process does. */
export function startPython(options: PythonProcessOptions): PythonProcess {
  const { python, threads, onPrint, onFrame, onEnd } = options;
  const child = spawn(python, [processFile(), String(process.pid)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      PYTHONUNBUFFERED: '1',
      // Numerical libraries would take a thread for each processor.
      OMP_NUM_THREADS: String(threads),
      OPENBLAS_NUM_THREADS: String(threads),
      MKL_NUM_THREADS: String(threads),
    },
  });
  const channel = child.stdio[3] as Duplex;
  let trouble: string | undefined;
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = (how: string) => {
      if (hasEnded) return;
      hasEnded = true;
      resolve();
      onEnd(how);
    };
    child.once('error', (error) => end(`could not be started: ${error.message}`));
    // What it answered before it ended is read first.
    child.once('exit', (code, signal) => {
      const how = trouble ?? (signal === null ? `ended with code ${code ?? 0}` : `was ended by ${signal}`);
      if (channel.destroyed || channel.readableEnded) end(how);
      else {
        channel.once('close', () => end(how));
        // A process that the model has started may still hold the other side.
        killGroup();
      }
    });
  });

  function killGroup(): void {
    if (child.pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
    } catch {
      // It has gone.
    }
  }

  const read = createFrameReader(onFrame);
  channel.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      trouble = `sent what cannot be read: ${String(error)}`;
      killGroup();
    }
  });
  // It has gone; the exit says so.
  channel.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr] as Readable[])
    readBoundedLines(stream, (line) => onPrint(line));

  return {
    send(frame) {
      if (channel.destroyed) return;
      channel.cork();
      for (const piece of frame) channel.write(piece);
      channel.uncork();
    },
    kill: killGroup,
    async close() {
      channel.destroy();
      const timer = setTimeout(killGroup, closeMs);
      await ended;
      clearTimeout(timer);
      killGroup();
    },
  };
}

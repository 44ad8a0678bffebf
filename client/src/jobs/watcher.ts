import type { JobEvent } from '../../../schemas/jobEvents.ts';
import { parseLine, type Cli, type Running } from './cli.ts';

export interface Watcher {
  /** Whether this view is being looked at: a watching process lives only while one is. */
  setWanted(by: string, wanted: boolean): void;
  /** Looks at other configs, or for jobs on a Redis that was not known before. */
  restart(): void;
  dispose(): Promise<void>;
}

export interface WatcherSetup {
  readonly cli: Cli;
  /** One config for each Redis in use; none looks where this machine's jobs are. */
  readonly configPaths: () => readonly string[];
  readonly intervalMs: () => number;
  readonly emit: (event: JobEvent) => void;
  readonly log: (message: string) => void;
}

/** A process that has ended by itself, for whatever reason, is started again after so long. */
const againMs = 5_000;

/** Keeps `cluster-serving watch` running while it is wanted. */
export function createWatcher({ cli, configPaths, intervalMs, emit, log }: WatcherSetup): Watcher {
  const wantedBy = new Set<string>();
  let running: Running[] = [];
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    const paths = configPaths();
    // The name of a file that is not there: then only the jobs of this machine are watched.
    for (const path of paths.length > 0 ? paths : ['config.yaml'])
      running.push(
        cli.stream(
          ['watch', '--json', '-c', path, '--interval', String(intervalMs())],
          (text) => {
            const line = parseLine(text);
            if (line && 'event' in line) emit(line as unknown as JobEvent);
          },
          (stderr) => {
            log(`The watch ended: ${stderr}`);
            timer ??= setTimeout(restart, againMs);
          },
        ),
      );
  }

  async function stop(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const ending = running;
    running = [];
    await Promise.all(ending.map((one) => one.stop()));
  }

  function restart(): void {
    void stop();
    if (wantedBy.size > 0) start();
  }

  return {
    setWanted(by, wanted) {
      const before = wantedBy.size;
      if (wanted) wantedBy.add(by);
      else wantedBy.delete(by);
      if (before > 0 !== wantedBy.size > 0) restart();
    },
    restart,
    async dispose() {
      wantedBy.clear();
      await stop();
    },
  };
}

import { parseLine, type Cli, type Running } from './cli.ts';

export interface Watcher {
  /** Whether this view is being looked at: a watching process lives only while one is. */
  setWanted(by: string, wanted: boolean): void;
  /** Looks at other configs, or for jobs on a Redis that was not known before. */
  restart(): void;
  dispose(): Promise<void>;
}

export interface WatcherSetup<Event> {
  readonly cli: Cli;
  /** What to run, a process for each; they print events until they are ended. */
  readonly commands: () => readonly (readonly string[])[];
  readonly emit: (event: Event) => void;
  /** From now on something is not watched: the watch stops, begins again, or one of its processes has ended. */
  readonly onUnwatched?: () => void;
  readonly log: (message: string) => void;
}

/** A process that has ended by itself, for whatever reason, is started again after this time. */
const againMs = 5_000;

/** Keeps commands that report changes running while a view needs them. */
export function createWatcher<Event extends { readonly event: string }>({
  cli,
  commands,
  emit,
  onUnwatched = () => undefined,
  log,
}: WatcherSetup<Event>): Watcher {
  const wantedBy = new Set<string>();
  let running: Running[] = [];
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    for (const command of commands())
      running.push(
        cli.stream(
          command,
          (text) => {
            const line = parseLine(text);
            if (line && 'event' in line) emit(line as unknown as Event);
          },
          (stderr) => {
            log(`The watch ended: ${stderr}`);
            timer ??= setTimeout(restart, againMs);
            onUnwatched();
          },
        ),
      );
  }

  async function stop(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const ending = running;
    running = [];
    if (ending.length > 0) onUnwatched();
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

/** Watches the jobs of each Redis. @param configPaths  a config for each; without any, the jobs of this machine are watched */
export function watchCommands(
  configPaths: readonly string[],
  intervalMs: number,
): readonly (readonly string[])[] {
  // The name of a file that is not there.
  const paths = configPaths.length > 0 ? configPaths : ['config.yaml'];
  return paths.map((path) => ['watch', '--json', '-c', path, '--interval', String(intervalMs)]);
}

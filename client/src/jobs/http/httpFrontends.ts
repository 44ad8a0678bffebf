import { parseLine, type Cli, type Running } from '../cli.ts';

export interface HttpFrontend {
  readonly configPath: string;
  readonly jobName: string;
  readonly url: string;
}

/** The HTTP frontends of this window. They end with it: what is to outlive it is started from a terminal. */
export interface HttpFrontends {
  all(): readonly HttpFrontend[];
  /** @throws Error with the frontend's own words if it ends before it listens */
  start(config: { readonly path: string; readonly jobName: string }, port: number): Promise<HttpFrontend>;
  stop(configPath: string): Promise<void>;
  onChange(listener: () => void): { dispose(): void };
  dispose(): Promise<void>;
}

export function createHttpFrontends(cli: Cli, log: (line: string) => void): HttpFrontends {
  const frontends = new Map<string, { readonly frontend: HttpFrontend; readonly process: Running }>();
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  return {
    all: () => [...frontends.values()].map(({ frontend }) => frontend),
    start: ({ path, jobName }, port) =>
      new Promise((resolve, reject) => {
        const known = frontends.get(path);
        if (known) {
          resolve(known.frontend);
          return;
        }
        // Only this machine: a frontend for others is started by hand, with the options that it needs then.
        const args = ['http', '-c', path, `--port=${port}`, '--interface=127.0.0.1'];
        const process = cli.stream(
          args,
          (text) => {
            log(text);
            const url = listening(text);
            if (url === undefined || frontends.has(path)) return;
            const frontend = { configPath: path, jobName, url };
            frontends.set(path, { frontend, process });
            notify();
            resolve(frontend);
          },
          (stderr) => {
            frontends.delete(path);
            notify();
            reject(new Error(stderr === '' ? 'The HTTP frontend ended.' : stderr));
          },
        );
      }),
    async stop(configPath) {
      const known = frontends.get(configPath);
      frontends.delete(configPath);
      notify();
      await known?.process.stop();
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    async dispose() {
      await Promise.all([...frontends.values()].map(({ process }) => process.stop()));
    },
  };
}

function listening(text: string): string | undefined {
  const message = parseLine(text)?.message;
  return typeof message === 'string' ? /^listening on (http:\S+)/.exec(message)?.[1] : undefined;
}

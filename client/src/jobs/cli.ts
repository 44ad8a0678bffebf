import { ServingError, errorCodes, messageOf, type ErrorCode } from '../../../schemas/errors.ts';

export type JsonLine = Readonly<Record<string, unknown>>;

export interface RunOptions {
  readonly cwd?: string;
  /** Ends the program; it takes back what it has begun, and that is no error. */
  readonly signal?: AbortSignal;
  readonly onLine?: (line: JsonLine) => void;
  /** What it reads from its standard input. */
  readonly input?: string;
}

/** Our command line as a child process. The same program serves terminals, so each line that is logged can be repeated
 *  there by hand. */
export interface Cli {
  /** Runs it to its end. @returns the lines of JSON that it printed
   *  @throws ServingError with the code that it reported; Error with the end of its stderr if it reported none */
  run(args: readonly string[], options?: RunOptions): Promise<readonly JsonLine[]>;
  /** The text that it prints, for people. */
  text(args: readonly string[]): Promise<string>;
  /** Runs it until `stop`. @param onEnd  called when it ends by itself */
  stream(args: readonly string[], onText: (line: string) => void, onEnd: (stderr: string) => void): Running;
}

export interface Running {
  stop(): Promise<void>;
}

export interface CliSetup {
  readonly program: string;
  readonly log: (line: string) => void;
  /** What the programs get in their environment: passwords come this way, never as arguments. */
  readonly env?: () => Promise<Readonly<Record<string, string>>>;
}

/** How long a program that was asked to end has until it is killed; a start may have to end a model's load first. */
const endMs = 10_000;
const keptStderr = 4_000;

/** The node that runs the extension runs the command line: there may be no other on the machine. What starts processes is
 *  loaded with the first of them, for the editor waits while an extension is loaded. */
export function createCli({ program, log, env = () => Promise.resolve({}) }: CliSetup): Cli {
  const optionsNow = async () =>
    ({ env: { ...(await env()), ELECTRON_RUN_AS_NODE: '1' }, stdin: 'ignore', reject: false }) as const;
  const argv = (args: readonly string[]) => {
    log(`$ cluster-serving ${args.join(' ')}`);
    return [program, ...args];
  };
  return {
    async run(args, { cwd, signal, onLine, input } = {}) {
      const { execa } = await import('execa');
      const child = execa(process.execPath, argv(args), {
        ...(await optionsNow()),
        ...(cwd === undefined ? {} : { cwd }),
        ...(signal ? { cancelSignal: signal } : {}),
        ...(input === undefined ? {} : { stdin: 'pipe', input }),
        forceKillAfterDelay: endMs,
      });
      const lines: JsonLine[] = [];
      for await (const text of child.iterable({ from: 'stdout' })) {
        const line = parseLine(text);
        if (!line) continue;
        lines.push(line);
        onLine?.(line);
      }
      const { exitCode, stderr } = await child;
      if (stderr !== '') log(stderr);
      const error = lines.map(errorOf).find((found) => found !== undefined);
      // After a cancel there is nothing to report.
      if (error && !signal?.aborted) throw error;
      if (exitCode !== 0 && lines.every(isStep) && !signal?.aborted)
        throw new Error(
          stderr.trim().split('\n').slice(-5).join('\n') || `It ended with code ${exitCode ?? '?'}.`,
        );
      return lines;
    },

    async text(args) {
      const { execa } = await import('execa');
      const { stdout, stderr, exitCode } = await execa(process.execPath, argv(args), await optionsNow());
      if (exitCode !== 0 && stdout === '') throw new Error(stderr.trim());
      return stdout;
    },

    stream(args, onText, onEnd) {
      const end = new AbortController();
      const ended = read();
      return {
        async stop() {
          end.abort();
          await ended;
        },
      };

      async function read(): Promise<void> {
        const { execa } = await import('execa');
        let stderr = '';
        try {
          const options = await optionsNow();
          const child = execa(process.execPath, argv(args), {
            ...options,
            buffer: false,
            cancelSignal: end.signal,
            forceKillAfterDelay: endMs,
          });
          child.stderr.on('data', (chunk: Buffer) => {
            stderr = (stderr + chunk.toString('utf8')).slice(-keptStderr);
          });
          for await (const text of child.iterable({ from: 'stdout' })) if (!end.signal.aborted) onText(text);
          await child;
        } catch (error) {
          stderr ||= messageOf(error);
        }
        if (!end.signal.aborted) onEnd(stderr.trim());
      }
    },
  };
}

/** What is no JSON was meant for people. */
export function parseLine(text: string): JsonLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as JsonLine;
  } catch {
    return undefined;
  }
}

function isStep(line: JsonLine): boolean {
  return 'step' in line;
}

/** Only the last line of a program that failed has a code; a record that failed has an error, too, but no code. */
function errorOf({ error }: JsonLine): ServingError | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return undefined;
  const { code, message } = error;
  return typeof code === 'string' && code in errorCodes
    ? new ServingError(code as ErrorCode, String(message))
    : undefined;
}

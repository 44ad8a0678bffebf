import type { LogOutputChannel } from 'vscode';

const isError = /^(?:Uncaught )?\w*Error\b|^FATAL ERROR/;
const isEnding = /^Server process exited\b/;
const isNoise = /^\s|^$|^Node\.js v|^\w+:\/\/|^throw\b/;

/** Remembers of a log what says best why a server has ended: its own error, or at least how it ended. */
export interface LastError {
  readonly line: string | undefined;
  /** @param text  one line or several, as they are logged as errors */
  see(text: string): void;
}

export function createLastError(): LastError {
  let error: string | undefined;
  let ending: string | undefined;
  let other: string | undefined;
  return {
    get line() {
      return error ?? ending ?? other;
    },
    see(text) {
      for (const line of text.split('\n'))
        if (isError.test(line)) error = line;
        else if (isEnding.test(line)) ending = line;
        else if (!isNoise.test(line)) other = line;
    },
  };
}

/** The channel as it is, with an ear on its errors. */
export function hearErrors(channel: LogOutputChannel, hear: (text: string) => void): LogOutputChannel {
  return new Proxy(channel, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (key === 'error') hear(String(args[0]));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

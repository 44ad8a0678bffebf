/** What logs look like and how much of the disk they may take. */

/** `text`: `time LEVEL message`, for people. `json`: one object a line, for programs that collect logs. */
export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export const logLevels = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A line of a log. As JSON it has these names in this order; what a line does not know, it leaves out. */
export interface LogLine {
  /** ISO 8601, UTC, with milliseconds. */
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly job?: string;
  readonly worker?: string;
  readonly facts?: LogFacts;
  /** The trace of an error that is a bug. */
  readonly stack?: string;
}

/** What a line is about; as JSON each is a member of the line. */
export interface LogFacts {
  /** Of an error, in schemas/errors.ts. */
  readonly code?: string;
  /** The record, by its id in the queue. */
  readonly recordId?: string;
  /** The name that the client gave it. */
  readonly uri?: string;
  readonly requestId?: string;
  /** W3C trace context of what the line is about. */
  readonly traceparent?: string;
}

/** How a worker is to write its log; who starts it passes this on as JSON. */
export interface LogSettings {
  readonly format: LogFormat;
  /** A file that would become larger is moved to `<file>.1`, that one to `<file>.2`, and so on. */
  readonly maxBytes: number;
  /** How many files there may be, with the one that is written. */
  readonly files: number;
  /** Lines are also written to standard error: for containers and systemd. */
  readonly printed: boolean;
}

export const logDefaults = { format: 'text', maxMegabytes: 10, files: 5 } as const;

/** The names under which a worker's process gets its settings. */
export const logSettingsOption = 'log-settings';

/** What JSON has of a line that is no object, such as what a library prints. */
export const outputSource = 'output';

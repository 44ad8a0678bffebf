/** The part of an editor's log that lines are written to. */
export interface LogLevels {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
}

/** Sends each line of a worker's log, `time LEVEL message`, to its level. Lines without one (of a stack) go where the
 *  line before them went. The worker's time stays: the editor adds the time at which it shows a line. */
export function createLogWriter(log: LogLevels): (line: string) => void {
  let level: keyof LogLevels = 'info';
  return (line) => {
    const [, time, found, message] = /^\d{4}-\d\d-\d\dT(\S+) (ERROR|WARN|INFO) +(.*)$/.exec(line) ?? [];
    if (found !== undefined) level = found === 'ERROR' ? 'error' : found === 'WARN' ? 'warn' : 'info';
    log[level](time === undefined ? line : `${time} ${message ?? ''}`);
  };
}

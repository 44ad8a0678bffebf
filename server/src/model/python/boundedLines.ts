import type { Readable } from 'node:stream';

export interface LineLimits {
  readonly maxLineLength: number;
  readonly maxLinesPerSecond: number;
  /** More are not read in that second: then who prints waits. */
  readonly maxBytesPerSecond: number;
}

const lineLimits: LineLimits = { maxLineLength: 1_000, maxLinesPerSecond: 20, maxBytesPerSecond: 8_000_000 };

/** Reads what a process prints, line by line. However much it prints, only some lines a second come out, then how many were
 *  left out, and reading it takes a bounded part of the time.
 *  @param onLine  called for each line that is not left out */
export function readBoundedLines(
  stream: Readable,
  onLine: (line: string) => void,
  limits: LineLimits = lineLimits,
): void {
  const decoder = new TextDecoder();
  let line = '';
  let isCut = false;
  let lines = 0;
  let bytes = 0;
  let window: NodeJS.Timeout | undefined;

  function endLine(): void {
    lines += 1;
    if (lines <= limits.maxLinesPerSecond) onLine(isCut ? `${line}…` : line);
    line = '';
    isCut = false;
  }

  function endWindow(): void {
    window = undefined;
    const left = lines - limits.maxLinesPerSecond;
    if (left > 0) onLine(`(${left} more lines in that second were left out)`);
    lines = 0;
    bytes = 0;
    if (stream.isPaused()) stream.resume();
  }

  function add(text: string): void {
    const room = limits.maxLineLength - line.length;
    line += text.slice(0, Math.max(0, room));
    isCut ||= text.length > room;
  }

  stream.on('data', (chunk: Buffer) => {
    window ??= setTimeout(endWindow, 1_000).unref();
    bytes += chunk.length;
    if (bytes > limits.maxBytesPerSecond) stream.pause();
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n');
    add(first);
    for (const text of rest) {
      endLine();
      add(text);
    }
  });
  stream.once('close', () => {
    if (line !== '') endLine();
    clearTimeout(window);
    if (window) endWindow();
  });
}

import type { Range } from '../../../schemas/config/problems.ts';
import { readConfig } from '../config/readConfig.ts';

/** A place where a job is named. */
export interface JobNameUse {
  readonly name: string;
  readonly range: Range;
  /** The place that gives the job its name. */
  readonly isDefinition: boolean;
}

/** In which kind of text a job may be named. */
export type JobNameSource = 'config' | 'servables' | 'python' | 'script';

/** Every place of a text that names a job: `jobName` of a config, the queues of servables-conf.yaml, the clients' queues in
 *  Python, the frontend's options in scripts. */
export function jobNameUses(source: JobNameSource, text: string): JobNameUse[] {
  switch (source) {
    case 'config':
      return inConfig(text);
    case 'servables':
      return [
        // To its end: a name with blanks in it is another one.
        ...named(text, /\bredisInputQueue[ \t]*:[ \t]*(["']?)([^\s"'#,}]+)\1(?=[ \t]*(?:[#,}\r\n]|$))/g),
        ...named(
          text,
          /\bredisOutputQueue[ \t]*:[ \t]*(["']?)cluster-serving_([^\s"'#,}:]+):?\1(?=[ \t]*(?:[#,}\r\n]|$))/g,
        ),
      ];
    case 'python':
      return named(text, /\b(?:InputQueue|OutputQueue)\s*\([^)]*?\bname\s*=\s*(["'])([^"'\n]+)\1/g);
    case 'script':
      return [
        ...named(text, /--redisInputQueue(?:=|[ \t]+)(["']?)([^\s"'\\]+)\1/g),
        ...named(text, /--redisOutputQueue(?:=|[ \t]+)(["']?)cluster-serving_([^\s"'\\:]+):?\1/g),
      ];
  }
}

function inConfig(text: string): JobNameUse[] {
  const { origins } = readConfig(text);
  const { origin, value, valueRange } = origins.jobName;
  if (origin === 'default' || !valueRange || typeof value !== 'string' || value === '') return [];
  const written = text.slice(valueRange.start, valueRange.end);
  const at = written.indexOf(value);
  // An alias, a text with escapes or a block of lines: it cannot be changed in place.
  if (at < 0 || /[\r\n]/.test(value)) return [];
  const start = valueRange.start + at;
  return [{ name: value, range: { start, end: start + value.length }, isDefinition: true }];
}

/** The second group of the pattern is the name, at the end of the match but for a closing quote. */
function named(text: string, pattern: RegExp): JobNameUse[] {
  return Array.from(text.matchAll(pattern), (match) => {
    const name = match[2] ?? '';
    const start = match.index + match[0].lastIndexOf(name);
    return { name, range: { start, end: start + name.length }, isDefinition: false };
  });
}

/** Whether a text can be a job's name everywhere that one is written. */
export function isJobName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text);
}

import { configKeys } from '../../../schemas/configKeys.ts';

/** What the views and the snippets show of a config. The command line reads the file again, in full, when it acts. */
export interface ConfigFacts {
  readonly jobName: string;
  readonly modelPath: string;
  readonly redisHost: string;
  readonly redisPort: string;
  readonly backend: string;
  /** host:port of Flink's REST service. */
  readonly flinkRestUrl: string;
}

/** Reads single lines only, for a list of many files must not cost a parser.
 *  @returns undefined for a file that names no model: it is not ours */
export function readFacts(text: string): ConfigFacts | undefined {
  const nested = /^model[ \t]*:[ \t]*(?:#.*)?\r?\n(?:[ \t]+.*\r?\n)*?[ \t]+path[ \t]*:/im.test(text);
  const modelPath = valueOf(text, 'modelPath') ?? (nested ? '' : undefined);
  if (modelPath === undefined) return undefined;
  const redisUrl = valueOf(text, 'redisUrl') ?? '';
  const { host, port } = configKeys.redisUrl.default;
  const jobName = valueOf(text, 'jobName') ?? '';
  const backend = valueOf(text, 'backend') ?? '';
  const flinkRestUrl = valueOf(text, 'flinkRestUrl') ?? '';
  const flink = configKeys.flinkRestUrl.default;
  const isUrl = redisUrl.includes(':');
  return {
    modelPath,
    jobName: jobName === '' ? configKeys.jobName.default : jobName,
    redisHost: isUrl ? redisUrl.slice(0, redisUrl.indexOf(':')) : host,
    redisPort: isUrl ? redisUrl.slice(redisUrl.lastIndexOf(':') + 1) : String(port),
    backend: backend === '' ? configKeys.backend.default : backend.toLowerCase(),
    flinkRestUrl: flinkRestUrl.includes(':') ? flinkRestUrl : `${flink.host}:${flink.port}`,
  };
}

/** Keys are not case-sensitive; a key without a value is empty. */
function valueOf(text: string, key: string): string | undefined {
  const line = new RegExp(`^${key}[ \\t]*:(?:[ \\t]+(.*))?$`, 'im').exec(text);
  if (!line) return undefined;
  const value = (line[1] ?? '').trim();
  const quoted = /^(["'])(.*?)\1/.exec(value);
  return quoted?.[2] ?? value.replace(/(^|\s)#.*$/, '').trim();
}

/** The variables of the environment that a config takes values from. */
export function environmentNames(text: string): readonly string[] {
  const spoken = text.replace(/^[ \t]*#.*$/gm, '');
  return [...new Set(Array.from(spoken.matchAll(/\$\{env:([A-Za-z_]\w*)\}/g), ([, name = '']) => name))];
}

/** Sets a key of a config's text, or adds it at the end. */
export function withValue(text: string, key: string, value: string): string {
  const line = new RegExp(`^${key}[ \\t]*:.*$`, 'im');
  const written = `${key}: ${/^[\w./-]+$/.test(value) ? value : JSON.stringify(value)}`;
  if (line.test(text)) return text.replace(line, () => written);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${written}\n`;
}

/** `serving2`, `serving3`, …: the first that nobody has. */
export function freeName(taken: ReadonlySet<string>): string {
  let n = 2;
  while (taken.has(`serving${n}`)) n++;
  return `serving${n}`;
}

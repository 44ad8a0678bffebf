import { configKeys, keyNames, type KeyName } from '../../schemas/config/configKeys.ts';
import { spellings } from '../../schemas/config/spellings.ts';
import { createRandom, type Random } from '../torture/random.ts';
type Lines = readonly string[];

/** A config as bytes, with how it came about. */
export interface MutatedConfig {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Values of every kind that YAML has, right for some keys and wrong for others. */
const anyValues = ['', '~', 'null', 'true', 'off', 'yes', '0', '-1', '-7', '1', '1.5', '1e3', '0x10', '0o17', '1_000', '99999999999999999999', '.nan', '.inf', '2024-01-01', 'text', '"quoted"', "'single'", '"unended', '[1, 2]', '{a: b}', '[', '{', '|', '>-', '- x', '&a x', '*a', '!!str 5', '!!int x', '!foo x', '@x', '%x', 'a: b', 'a # b', '"a\\nb"', '"\\q"', 'h:1', 'h:99999', 'h:1:2', ':1', 'h:', 'redis://h:1', '4 g', '4g', '4gb', '0g', '1,2', '1, 2', '0,0', '1,2,3', 'topN(5)', 'topN(0)', 'topn( 3 )', 'pickTopN(2', 'softmax', 'kafka', 'flink', 'openvino', 'caf\u00e9 \u{1F600}', '${env:CLUSTER_SERVING_TEST}', '${env:}', '${HOME}', 'x'.repeat(300)] as const; // prettier-ignore

const mutations: Readonly<Record<string, (lines: Lines, random: Random) => Lines>> = {
  'a value of any type': (lines, random) =>
    atKey(lines, random, (line) => `${keyOf(line)}: ${random.pick(anyValues)}`),
  'a number that is out of range': (lines, random) => {
    const ints = keyNames.filter((key) => configKeys[key].type === 'int');
    return [...lines, `${random.pick(ints)}: ${random.pick(['0', '-2', '-1', '2147483648', '1e9', '01', '+3', '3.0'])}`];
  },
  'a misspelt name': (lines, random) =>
    atKey(lines, random, (line) => {
      const key = keyOf(line);
      const at = random.between(1, key.length - 1);
      return random.pick([key.slice(0, at) + key.slice(at + 1), key.slice(0, at) + key.slice(at - 1), key.slice(0, at) + 'q' + key.slice(at), key.toLowerCase(), key.toUpperCase(), key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), `"${key}"`]) + line.slice(key.length);
    }),
  'a key of another program': (lines, random) => inserted(lines, random, random.pick(['foo: 1', 'timeoutMs: 5', 'name: x', 'redis_url: h:1', 'performance_mode: true'])),
  'a key twice': (lines, random) => [...lines, random.pick(lines.filter(isFlat))],
  'the older form': (lines, random) => ['## Analytics-zoo Cluster Serving', ...nestedForm(lines.filter((line) => keyOf(line) === 'modelPath' || random.between(0, 1) === 0))],
  'both forms': (lines, random) => [...lines, random.pick(['params:', 'redis:', 'secure:', 'model:', 'log:', 'data:']), `  ${random.pick(['core_number: 4', 'maxmem: 4g', 'timeout: x', 'secure_enabled: yes', 'name: b', 'error: y', 'src: localhost:6379', 'what: 1'])}`],
  'an older name': (lines, random) => {
    const { name } = random.pick(spellings.filter(({ form }) => form === 'older-name'));
    return [...lines, `${name}: ${random.pick(['true', '8g', '/t.p12', '123', 'no'])}`];
  },
  'a broken indentation': (lines, random) => atKey(lines, random, (line) => `${random.pick([' ', '  ', '\t', '    '])}${line}`),
  'a broken line': (lines, random) => atKey(lines, random, (line) => random.pick([line.replace(':', ''), line.replace(': ', ':'), `${line} }`, `- ${line}`, `? ${line}`, `${line}: 1`, '<<<<<<< HEAD', '=======', '...', '---', '%YAML 1.2', `"${line}`, `{${line}`, `${line},`, `${keyOf(line)} : 1`, '<<: *x', '\u2028x: 1'])),
  'a second document': (lines, random) => [...lines, '---', ...lines.slice(random.between(0, lines.length - 1))],
  'braces': (lines) => (lines.some(isFlat) ? [`{${lines.filter(isFlat).join(', ')}}`] : lines),
  'comments': (lines, random) => lines.map((line) => (random.between(0, 1) === 0 ? `${line} # why: ${random.pick(anyValues)}` : line)),
  'an anchor': (lines, random) => ['x: &a 4', ...atKey(lines, random, (line) => `${keyOf(line)}: *a`)],
}; // prettier-ignore

const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'Windows lines': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
  'old Mac lines': (text) => Buffer.from(text.replaceAll('\n', '\r')),
  'a byte order mark': (text) => Buffer.from(`\uFEFF${text}`),
  'no last line end': (text) => Buffer.from(text.trimEnd()),
};

const unreadableEncodings: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-16': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16, big end first': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'Latin-1': (text) => Buffer.from(`${text}# caf\u00e9\n`, 'latin1'),
  'a zero byte': (text) => Buffer.from(`${text}# \0\n`),
};

/** @returns  configs that began as sound ones and had one to three things done to them; the same for the same seed */
export function mutatedConfigs(seed: number, count: number): readonly MutatedConfig[] {
  const random = createRandom(seed);
  const names = Object.keys(mutations);
  return Array.from({ length: count }, (_, i) => {
    const done = [names[i % names.length] ?? '', ...Array.from({ length: random.between(0, 2) }, () => random.pick(names))];
    let lines: Lines = soundConfig(random, i);
    for (const name of done) lines = mutations[name]?.(lines, random) ?? lines;
    const [encoding, encode] = random.pick(Object.entries(encodings));
    return { name: `${i}: ${done.join(', ')}; ${encoding}`, bytes: encode(`${lines.join('\n')}\n`) };
  });
} // prettier-ignore

/** @returns  one config in each encoding that is not read */
export function unreadableConfigs(seed: number): readonly MutatedConfig[] {
  const random = createRandom(seed);
  return Object.entries(unreadableEncodings).map(([name, encode], i) => ({
    name,
    bytes: encode(`${soundConfig(random, i).join('\n')}\n`),
  }));
}

/** What needs nothing that a test does not have. */
const usual = keyNames.filter(
  (key) => !['modelPath', 'jobName', 'modelEncrypted', 'recordEncrypted', 'queueUsed', 'runtime', 'openvinoPath'].includes(key) && !key.includes('TrustStore'),
); // prettier-ignore

function soundConfig(random: Random, i: number): Lines {
  const chosen = usual.filter(() => random.between(0, 3) === 0);
  const line = (key: KeyName) => `${key}: ${configKeys[key].example.replace(/^\$.*/, 'secret')}`;
  return ['modelPath: ../model', `jobName: job${i}`, 'redisUrl: localhost:6379', ...chosen.filter((key) => key !== 'redisUrl').map(line)];
} // prettier-ignore

function nestedForm(lines: Lines): Lines {
  const sections = new Map<string, string[]>();
  const rest: string[] = [];
  for (const line of lines) {
    const path = spellings.find(({ key, form }) => form === 'nested' && key === keyOf(line))?.name;
    if (path === undefined) rest.push(line);
    else {
      const [section = '', key = ''] = path.split('.');
      sections.set(section, [...(sections.get(section) ?? []), `  ${key}${line.slice(keyOf(line).length)}`]);
    }
  }
  return [...[...sections].flatMap(([section, children]) => [`${section}:`, ...children]), ...rest];
}

function isFlat(line: string): boolean {
  return /^\w+:/.test(line);
}

function keyOf(line: string): string {
  return /^\w*/.exec(line)?.[0] ?? '';
}

/** Changes one line that has a key at its start. */
function atKey(lines: Lines, random: Random, change: (line: string) => string): Lines {
  const candidates = [...lines.keys()].filter((i) => keyOf(lines[i] ?? '').length > 2);
  if (candidates.length === 0) return lines;
  const at = random.pick(candidates);
  return lines.map((line, i) => (i === at ? change(line) : line));
}

function inserted(lines: Lines, random: Random, line: string): Lines {
  const at = random.between(0, lines.length);
  return [...lines.slice(0, at), line, ...lines.slice(at)];
}

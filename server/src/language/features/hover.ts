import { hostPortText } from '../../../../schemas/config/hostPortText.ts';
import type { KeyName } from '../../../../schemas/config/configKeys.ts';
import type { Range } from '../../../../schemas/config/problems.ts';
import { effectiveConfig } from '../../config/effectiveConfig.ts';
import { isRefused } from '../../config/isRefused.ts';
import { reasonOf } from '../../config/rules/deadKey.ts';
import { lineColumn, lineRange } from '../../config/lines.ts';
import type { Entry } from '../../config/entries.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import { entryAt } from '../entryAt.ts';
import type { Files } from '../files.ts';
import { describeKey } from '../keyText.ts';
import { recognise } from '../recognise/recognise.ts';
import { modelOf } from '../world/modelFolder.ts';

export interface Hover {
  readonly range: Range;
  readonly markdown: string;
}

/** What is known of the key at an offset, and the value that counts now. The first line also says why the file is taken
 *  for a config. Passwords never appear. */
export async function hover(
  config: ConfigText,
  offset: number,
  files: Files,
  docs?: string,
): Promise<Hover | undefined> {
  const entry = entryAt(config.read.entries, offset);
  if (entry?.key) {
    const inEffect = await effectText(config, entry, entry.key, files);
    const markdown = [`**${entry.key}**`, describeKey(entry.key, docs), inEffect].join('\n\n');
    const { start } = entry.keyRange;
    return { range: { start, end: Math.max(entry.keyRange.end, entry.value.range.end) }, markdown };
  }
  const reason = entry && reasonOf(entry.path);
  if (entry && reason !== undefined)
    return { range: entry.keyRange, markdown: `**${entry.path}** has no effect: ${reason}.` };
  const line = lineRange(config.text, offset);
  if (line.start > 0 || entry) return undefined;
  const { kind, because } = recognise(config.text);
  const why = kind === 'foreign' ? 'The settings say so, or it was one when it was opened.' : because;
  return {
    range: line,
    markdown: `This is taken for a config.yaml of Cluster Serving. ${why} \`# cluster-serving: off\` in a line of its own turns that off.`,
  };
}

async function effectText(
  config: ConfigText,
  { keyRange }: Entry,
  key: KeyName,
  files: Files,
): Promise<string> {
  const { origin, keyRange: counting, valueRange } = config.read.origins[key];
  const value = shownValue(config, key);
  if (counting && counting.start !== keyRange.start)
    return `What counts is line ${lineColumn(config.text, counting.start).line}${value === '' ? '' : `: \`${value}\``}.`;
  if (valueRange && isRefused(config.read, valueRange))
    return `What is written here cannot be read, and nothing starts with it. In its place counts: ${value === '' ? 'nothing' : `\`${value}\``} (the default).`;
  const from =
    origin === 'default'
      ? 'the default'
      : origin === 'file'
        ? 'this file'
        : `this file, in its ${origin} form`;
  if (config.read.config && (key === 'modelParallelism' || key === 'threadPerModel')) {
    const model = await modelOf(config, files);
    const effective = effectiveConfig(config.read.config, model?.type);
    if (effective.overridden.includes(key))
      return `In effect: \`${effective[key]}\`, which coreNumberPerMachine makes of it.`;
  }
  return value === '' ? `In effect: nothing (${from}).` : `In effect: \`${value}\` (${from}).`;
}

function shownValue({ read }: ConfigText, key: KeyName): string {
  switch (key) {
    case 'version':
      return String(valueOf(read, key) ?? 'latest');
    case 'imageResize': {
      const size = valueOf(read, key);
      return size ? `${size.height} high, ${size.width} wide` : '';
    }
    case 'postProcessing': {
      const filter = valueOf(read, key);
      return filter ? `${filter.kind}(${filter.n})` : '';
    }
    case 'kafkaUrl':
      return valueOf(read, key).map(hostPortText).join(',');
    case 'flinkRestUrl':
    case 'redisUrl':
      return hostPortText(valueOf(read, key));
    case 'redisMaxMemory':
      return `${valueOf(read, key)} bytes`;
    case 'kafkaPassword':
    case 'kafkaSecureTrustStorePassword':
    case 'redisPassword':
    case 'redisSecureTrustStorePassword':
      return valueOf(read, key) ? '***' : '';
    default:
      return String(valueOf(read, key));
  }
}

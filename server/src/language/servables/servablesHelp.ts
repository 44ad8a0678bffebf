import type { Range } from '../../../../schemas/config/problems.ts';
import { resultPrefix } from '../../../../schemas/redis/redisKeys.ts';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import { servableKeys, servableTags, type ServableField } from '../../../../schemas/config/servableKeys.ts';
import { lineRange } from '../../config/lines.ts';
import { asScalar } from '../../config/scalar.ts';
import type { Completion } from '../features/complete/completionItem.ts';
import { completePath } from '../features/complete/completePath.ts';
import type { Surroundings } from '../diagnose.ts';
import type { Hover } from '../features/hover.ts';
import type { Workspace } from '../workspace.ts';

/** What can be written at an offset of a servables-conf.yaml: tags, fields that the model does not have yet, and values.
 *  Works on lines, because what is being written is seldom whole. */
export async function completeServables(
  { uri, text }: ServablesText,
  offset: number,
  { files, workspace }: Surroundings,
): Promise<Completion[]> {
  const line = lineRange(text, offset);
  const before = text.slice(line.start, offset);
  if (before.trimStart().startsWith('#')) return [];
  const tag = /^[ \t]*-[ \t]+([!<\w]*)$/.exec(before)?.[1];
  if (tag !== undefined) return tags(before, { start: offset - tag.length, end: line.end });
  const model = modelAround(text, line.start);
  if (!model) return [];
  const word = /^[ \t]+(\w*)$/.exec(before)?.[1];
  if (word !== undefined) {
    const rest = /^\w*/.exec(text.slice(offset, line.end))?.[0] ?? '';
    return fields(model, text.slice(offset + rest.length, line.end), {
      start: offset - word.length,
      end: offset + rest.length,
    });
  }
  const [, name = '', typed = ''] = /^[ \t]+(\w+):[ \t]+(\S*)$/.exec(before) ?? [];
  const field = fieldOf(model, name);
  if (!field || typed.startsWith('#')) return [];
  const rest = /^[^\s#]*/.exec(text.slice(offset, line.end))?.[0] ?? '';
  const end = offset + rest.length;
  if (field.leadsTo === undefined)
    return values(name, field, { start: offset - typed.length, end }, workspace);
  const quote = /^["']/.exec(typed)?.[0] ?? '';
  const isClosed = quote !== '' && rest.endsWith(quote);
  const range = { start: offset - typed.length + quote.length, end: isClosed ? end - 1 : end };
  const paths = await completePath(uri, field.leadsTo, typed.slice(quote.length), range, files);
  const place = { isFlow: false, quote: quote as '' | '"' | "'" };
  return paths.map((item) => ({ ...item, filter: item.text, text: asScalar(item.text, place) }));
}

/** A list of models, and where it lies. */
export interface ServablesText {
  readonly uri: string;
  readonly text: string;
}

/** What a tag or a field at an offset means. */
export function hoverServables(text: string, offset: number): Hover | undefined {
  const line = lineRange(text, offset);
  const tag = tagHover(text, line);
  if (tag) return tag;
  const [, indent = '', name = ''] = /^([ \t]+)(\w+)[ \t]*:/.exec(text.slice(line.start, line.end)) ?? [];
  const model = modelAround(text, line.start);
  const field = model && fieldOf(model, name);
  if (!field) return undefined;
  const start = line.start + indent.length;
  const required = field.required ? ' Required.' : '';
  const example = field.example === '' ? '' : ` Example: \`${field.example}\`.`;
  const kind = `Kind: ${kinds[field.type]}.${required}${example}`;
  return {
    range: { start, end: start + name.length },
    markdown: [`**${name}**`, field.meaning, kind].join('\n\n'),
  };
}

function tagHover(text: string, line: Range): Hover | undefined {
  const [, before = '', tag = '', name = ''] =
    /^([ \t]*-[ \t]*)(!<?(\w+)>?)/.exec(text.slice(line.start, line.end)) ?? [];
  if (!Object.hasOwn(servableTags, name)) return undefined;
  const meaning = servableTags[name as keyof typeof servableTags];
  const required = Object.entries(servableKeys[name] ?? {}).filter(([, row]) => row.required);
  const fields = `Required: ${required.map(([field]) => `\`${field}\``).join(', ')}.`;
  const start = line.start + before.length;
  return {
    range: { start, end: start + tag.length },
    markdown: [`**!<${name}>**`, meaning, fields].join('\n\n'),
  };
}

const kinds: Readonly<Record<ServableField['type'], string>> = {
  text: 'text',
  int: 'whole number',
  boolean: 'true or false',
  texts: 'list of texts',
  compileType: 'direct or instance',
};

interface Model {
  readonly fields: Readonly<Record<string, ServableField>>;
  /** The names that stand in it. */
  readonly written: ReadonlySet<string>;
}

/** The item of the list that a line is in. A list of texts inside of it has no tag, so its lines do not begin a model. */
function modelAround(text: string, lineStart: number): Model | undefined {
  const begin = /^[ \t]*-[ \t]*!<?(\w+)>?[ \t]*(?:#.*)?\r?$/gm;
  const begins = [...text.matchAll(begin)];
  const at = begins.findLastIndex(({ index }) => index < lineStart);
  const tag = begins[at]?.[1] ?? '';
  const known = Object.hasOwn(servableKeys, tag) ? servableKeys[tag] : undefined;
  if (!known) return undefined;
  const body = text.slice(begins[at]?.index, begins[at + 1]?.index);
  const written = Array.from(body.matchAll(/^[ \t]+(\w+)[ \t]*:/gm), ([, name = '']) => name);
  return { fields: known, written: new Set(written) };
}

function fieldOf(model: Model, name: string): ServableField | undefined {
  return Object.hasOwn(model.fields, name) ? model.fields[name] : undefined;
}

function tags(before: string, range: Range): Completion[] {
  const indent = `${before.slice(0, before.indexOf('-'))}  `;
  return Object.entries(servableKeys).map(([tag, row], rank) => {
    const required = Object.entries(row).filter(([, field]) => field.required);
    const line = ([name, { example }]: [string, ServableField]) => `\n${indent}${name}: ${example}`;
    const text = `!<${tag}>${required.map(line).join('')}`;
    return { label: `!<${tag}>`, kind: 'value', detail: 'model', range, text, rank };
  });
}

function fields(model: Model, rest: string, range: Range): Completion[] {
  const hasColon = /^[ \t]*:/.test(rest);
  return Object.entries(model.fields)
    .filter(([name]) => !model.written.has(name))
    .map(([name, { example, required, meaning }], i) => ({
      label: name,
      kind: 'key',
      detail: meaning.replace(/`/g, ''),
      range,
      text: hasColon ? name : `${name}: ${example}`,
      rank: required ? i : 100 + i,
    }));
}

function values(name: string, field: ServableField, range: Range, workspace: Workspace): Completion[] {
  const jobs = [...new Set(Array.from(workspace.all(), ({ jobName }) => jobName))].filter(
    (job) => job !== '',
  );
  const known = {
    boolean: ['true', 'false'],
    compileType: ['direct', 'instance'],
    text: [],
    int: [],
    texts: [],
  }[field.type];
  const ofKafkas = [...workspace.all()]
    .flatMap(({ addresses }) => addresses)
    .flatMap(({ key, address }) => (key === 'kafkaUrl' ? [address] : []));
  const named: readonly string[] = { queueUsed: configKeys.queueUsed.values, kafkaUrl: ofKafkas }[name] ?? [];
  const ofJobs = {
    redisInputQueue: jobs,
    redisOutputQueue: jobs.map(resultPrefix),
  }[name];
  const texts = [...known, ...named, ...(ofJobs ?? []).slice(0, 50), field.example].filter(
    (text) => text !== '',
  );
  return [...new Set(texts)].map((text, rank) => {
    const detail = ofJobs?.includes(text) ? 'job of the workspace' : '';
    // Examples stand as they are to be written; what comes from configs may need quotes.
    const written = named.includes(text) ? asScalar(text, { isFlow: false, quote: '' }) : text;
    return { label: text, kind: 'value', detail, range, text: written, rank };
  });
}

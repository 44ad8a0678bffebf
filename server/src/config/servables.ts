import { Composer, isMap, isScalar, isSeq, type Document, type Node, type YAMLMap } from 'yaml';
import type { Problem, Range } from '../../../schemas/config/problems.ts';
import { servableKeys, type ServableField } from '../../../schemas/config/servableKeys.ts';
import { applyDisableComments } from './disableComments.ts';
import { parseTokens, tooLarge } from './document.ts';
import { nearest } from './nearest.ts';
import { problem } from './problem.ts';
import { findLoneReturn, syntaxProblems } from './rules/text/syntax.ts';
import { shown } from './values/reading.ts';

interface WrittenField {
  readonly keyRange: Range;
  readonly range: Range;
  /** As it is written, so that 1.0 keeps its zero; '' for nothing and null, undefined for lists and mappings. */
  readonly text: string | undefined;
  /** The single values of a list; undefined for anything else. */
  readonly texts: readonly string[] | undefined;
}

/** One model of the list. */
export interface WrittenServable {
  /** Of its first field, which is where a problem of the whole stands. */
  readonly range: Range;
  /** One of `servableKeys`, or what stands there instead. */
  readonly tag: string;
  readonly fields: ReadonlyMap<string, WrittenField>;
}

export interface ReadServables {
  readonly servables: readonly WrittenServable[];
  /** In the order of the text. */
  readonly problems: readonly Problem[];
}

/** Reads the text of a servables-conf.yaml. Never throws, whatever the text. */
export function readServables(text: string): ReadServables {
  const unreadable = tooLarge(text) ?? findLoneReturn(text);
  if (unreadable) return { servables: [], problems: [unreadable] };
  const tokens = parseTokens(text, 'list of models');
  if ('code' in tokens) return { servables: [], problems: [tokens] };
  const customTags = Object.keys(servableKeys).map((tag) => ({ tag, collection: 'map' as const }));
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, customTags, logLevel: 'silent' });
  const document = composer.compose(tokens, true, text.length).next().value as Document.Parsed;
  const problems = syntaxProblems(text, document.errors);
  const list: unknown = isMap(document.contents)
    ? document.contents.get('modelMetaDataList', true)
    : undefined;
  if (!isSeq(list)) {
    const range = { start: 0, end: Math.min(1, text.length) };
    const missing = problem('servable-list', range, 'A list modelMetaDataList is wanted here.');
    return { servables: [], problems: problems.length > 0 ? problems : [missing] };
  }
  const servables = list.items.map((item) => checkItem(item as Node, problems));
  problems.push(...repeated(servables));
  const left = applyDisableComments(text, problems);
  return { servables, problems: left.sort((a, b) => a.range.start - b.range.start) };
}

function checkItem(item: Node, problems: Problem[]): WrittenServable {
  const fields = isMap(item) ? fieldsOf(item) : new Map<string, WrittenField>();
  const range = [...fields.values()][0]?.keyRange ?? rangeOf(item);
  const tag = item.tag ?? '';
  const known = Object.hasOwn(servableKeys, tag) ? servableKeys[tag] : undefined;
  if (!known) {
    const tags = Object.keys(servableKeys).map((name) => `!<${name}>`);
    problems.push(
      problem('servable-tag', range, `A model must be tagged ${tags.join(' or ')}.`, { allowed: tags }),
    );
    return { range, tag, fields };
  }
  for (const [name, field] of fields) {
    const row = Object.hasOwn(known, name) ? known[name] : undefined;
    problems.push(...(row ? checkValue(name, field, row) : unknownField(name, field, Object.keys(known))));
  }
  for (const [name, { required }] of Object.entries(known)) {
    if (required && !fields.get(name)?.text)
      problems.push(problem('servable-field-missing', range, `${name} is missing.`, { key: name }));
  }
  return { range, tag, fields };
}

function unknownField(name: string, { keyRange }: WrittenField, allowed: readonly string[]): Problem[] {
  const replacement = nearest(name, allowed);
  const hint = replacement === undefined ? 'it has no effect.' : `did you mean ${replacement}?`;
  const data = replacement === undefined ? { allowed } : { allowed, replacement };
  return [problem('servable-field-unknown', keyRange, `No field is called ${shown(name)}; ${hint}`, data)];
}

const wanted = {
  int: 'A whole number',
  boolean: 'true or false',
  compileType: 'direct or instance',
  text: 'One value',
  texts: 'A list',
} as const;

function checkValue(key: string, { text, range, texts }: WrittenField, { type }: ServableField): Problem[] {
  const isFine = {
    int: text === '' || /^\d{1,9}$/.test(text ?? ''),
    boolean: text === '' || /^(?:true|false)$/i.test(text ?? ''),
    compileType: text === '' || text === 'direct' || text === 'instance',
    text: text !== undefined,
    texts: texts !== undefined || text === '',
  }[type];
  return isFine
    ? []
    : [problem('servable-field-type', range, `${key}: ${wanted[type]} is wanted here.`, { key })];
}

function repeated(servables: readonly WrittenServable[]): Problem[] {
  const seen = new Set<string>();
  return servables.flatMap(({ fields }) => {
    const name = fields.get('modelName');
    const version = fields.get('modelVersion')?.text;
    if (name?.text === undefined || version === undefined) return [];
    const id = JSON.stringify([name.text, version]);
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `The model ${shown(name.text)}, version ${shown(version)}, comes twice.`;
    return [problem('servable-twice', name.range, message, { key: 'modelName' })];
  });
}

function fieldsOf(map: YAMLMap): Map<string, WrittenField> {
  return new Map(
    map.items.flatMap(({ key, value }): [string, WrittenField][] => {
      if (!isScalar(key)) return [];
      const keyRange = rangeOf(key as Node);
      const node = value as Node | null;
      const range = node ? rangeOf(node) : keyRange;
      const text = node === null ? '' : textOf(node);
      const texts = isSeq(node) ? node.items.flatMap((item) => textOf(item as Node) ?? []) : undefined;
      return [[key.source ?? '', { keyRange, range, text, texts }]];
    }),
  );
}

function textOf(node: Node): string | undefined {
  if (!isScalar(node)) return undefined;
  const source = node.source ?? '';
  return node.type === 'PLAIN' && /^(?:null|~)$/i.test(source) ? '' : source;
}

function rangeOf({ range }: Node): Range {
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

import { configKeys, keyNames } from '../../../schemas/configKeys.ts';
import { deadKeys, oldSections } from '../../../schemas/oldKeys.ts';
import { editDistance } from '../config/nearest.ts';
import { outlineOf, type Outline } from './outline.ts';
import { findModeline, type FileKind } from './modeline.ts';
import { nestedWeights, weights } from './keyWeights.ts';

export interface Recognition {
  readonly kind: FileKind;
  /** One sentence, for whoever wonders. */
  readonly because: string;
  /** How many keys of ours the file has, whosever it is. */
  readonly ownKeys: number;
  /** A comment in the file says so. */
  readonly isSaid?: true;
}

/** No config of ours is larger; looking at more would only cost time. In UTF-16 units. */
const maxLength = 256 * 1024;

/** Tells whose file a YAML text is, from what stands in it: `config.yaml` is the most common file name there is. Reads
 *  lines, not YAML, so that half-written and broken files are recognised too. */
export function recognise(text: string): Recognition {
  const modeline = findModeline(text);
  if (modeline) return { kind: modeline.kind, because: modeline.because, ownKeys: 0, isSaid: true };
  if (text.length > maxLength) return foreign('It is larger than any config.', 0);
  if (
    /^[ \t]*modelMetaDataList[ \t]*:/m.test(text) ||
    /!<(?:ClusterServing|InferenceModel)MetaData>/.test(text)
  )
    return { kind: 'servables', because: 'It has a list of models for the HTTP frontend.', ownKeys: 0 };
  const outline = outlineOf(text);
  return recogniseFlat(text, outline) ?? recogniseNested(outline) ?? recogniseTemplate(text, outline);
}

const flatWeights: ReadonlyMap<string, number> = new Map(
  keyNames.flatMap((key): [string, number][] => {
    const row = configKeys[key];
    const aliases: readonly string[] = 'aliases' in row ? row.aliases : [];
    return [...aliases, key].map((name) => [name.toLowerCase(), weights[key] ?? 2]);
  }),
);
const sections: ReadonlySet<string> = new Set(oldSections);

/** Ours by spelling, or nearly: `model_path` speaks neither for us nor against us. */
function isNearlyOwn(name: string): boolean {
  const lower = name.toLowerCase();
  return flatWeights.has(lower.replace(/[_\- ]/g, '')) || Object.hasOwn(deadKeys, lower);
}

/** A slip of the fingers: `modlPath`, not `model_path`, which is how others spell a key of theirs. */
function asMeant(name: string): string {
  const lower = name.toLowerCase();
  const slips = lower.length < 8 ? 1 : 2;
  if (!/^[a-z]{6,40}$/.test(lower)) return name;
  const near = [...flatWeights.keys()].find(
    (key) => Math.abs(key.length - lower.length) <= slips && editDistance(lower, key) <= slips,
  );
  return near ?? name;
}

/** As it stands there first, and then as it was probably meant; one key at least must be written as it should be. */
function recogniseFlat(text: string, { top }: Outline): Recognition | undefined {
  const asWritten = (name: string) => name;
  if (!top.some(({ name }) => weightOf(name) !== undefined)) return undefined;
  const found = recogniseKeys(text, top, asWritten);
  return found ?? (top.length <= maxMeant ? recogniseKeys(text, top, asMeant) : undefined);
}

/** With more keys than we have, looking for slips takes time and finds nothing. */
const maxMeant = 60;

function recogniseKeys(
  text: string,
  top: Outline['top'],
  read: (name: string) => string,
): Recognition | undefined {
  const own = top.filter(({ name }) => weightOf(read(name)) !== undefined);
  const unknown = top.filter(
    ({ name, children }) =>
      !isNearlyOwn(read(name)) && !(sections.has(name) && children.some(isKnownChild(name))),
  );
  const score = own.reduce((sum, { name }) => sum + (weightOf(read(name)) ?? 0), 0);
  const isEnough = score + bonus(text) >= 2 && unknown.length <= own.length;
  const isOnly = unknown.length === 0 && own.some(({ name }) => read(name).toLowerCase() === 'modelpath');
  if (own.length === 0 || !(isEnough || isOnly)) return undefined;
  const names = own.slice(0, 3).map(({ name }) => name);
  return { kind: 'config', because: `It sets ${names.join(', ')}.`, ownKeys: own.length };
}

function weightOf(name: string): number | undefined {
  return flatWeights.get(name.toLowerCase());
}

function isKnownChild(section: string) {
  return (child: string) =>
    Object.hasOwn(nestedWeights, `${section}.${child.toLowerCase()}`) ||
    Object.hasOwn(deadKeys, `${section}.*`);
}

/** The older form: sections that many programs have, with keys that few have. */
function recogniseNested({ top }: Outline): Recognition | undefined {
  const known = top.filter(({ name }) => sections.has(name.toLowerCase()));
  if (known.length === 0 || known.length < top.filter(({ name }) => !isNearlyOwn(name)).length)
    return undefined;
  const children = known.flatMap(({ name, children: names }) => {
    const section = name.toLowerCase();
    return names.map((child) => ({
      path: `${section}.${child.toLowerCase()}`,
      known: isKnownChild(section)(child),
    }));
  });
  const score = children.reduce((sum, { path }) => sum + (nestedWeights[path] ?? 0), 0);
  const unknown = children.filter((child) => !child.known).length;
  const isEnough = score >= 2 && unknown * 4 <= children.length;
  const isOnly = unknown === 0 && children.some(({ path }) => path === 'model.path');
  if (!isEnough && !isOnly) return undefined;
  const names = known.map(({ name }) => name);
  return {
    kind: 'config',
    because: `It has the sections of the older form: ${names.join(', ')}.`,
    ownKeys: children.length,
  };
}

/** A template whose keys are all comments still. */
function recogniseTemplate(text: string, { top, commented }: Outline): Recognition {
  const names = [...new Set(commented.map((name) => name.toLowerCase()))];
  const own = names.filter((name) => flatWeights.has(name));
  const score = own.reduce((sum, name) => sum + (flatWeights.get(name) ?? 0), 0);
  // In comments, words of prose look like keys too.
  const isMostlyOwn = names.filter((name) => !isNearlyOwn(name)).length <= own.length;
  const unknown = top.filter(({ name }) => !isNearlyOwn(name)).length;
  const ownKeys = top.filter(({ name }) => flatWeights.has(name.toLowerCase())).length;
  if (unknown === 0 && isMostlyOwn && own.length > 0 && score + bonus(text) >= 3)
    return { kind: 'config', because: 'It is a template with our keys as comments.', ownKeys: own.length };
  return foreign('Too few of its keys are ours.', ownKeys);
}

/** A file that names us needs less to be believed. */
function bonus(text: string): number {
  return /^[^#\n]*#.*\bcluster serving\b/im.test(text) ? 1 : 0;
}

function foreign(because: string, ownKeys: number): Recognition {
  return { kind: 'foreign', because, ownKeys };
}

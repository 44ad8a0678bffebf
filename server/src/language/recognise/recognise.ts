import { deadKeys, oldSections } from '../../../../schemas/config/oldKeys.ts';
import { flatSpellings } from '../../../../schemas/config/spellings.ts';
import { editDistance } from '../../config/nearest.ts';
import { outlineOf, type Outline } from '../features/outline.ts';
import { findModeline, type FileKind } from './modeline.ts';
import { likelyOthersKeys, nestedWeights, othersKeys, provesAlone, weights } from './keyWeights.ts';
import { isStrange, othersModels } from './strangeValue.ts';

export interface Recognition {
  readonly kind: FileKind;
  /** One sentence that gives the reason, for people. */
  readonly because: string;
  /** How many keys of config.yaml the file has, recognised or not. */
  readonly ownKeys: number;
  /** A comment in the file says so. */
  readonly isSaid?: true;
}

/** No config is larger; reading more would only cost time. In UTF-16 units. */
const maxLength = 256 * 1024;

/** Recognises the kind of a YAML text by its content: `config.yaml` is the most common file name there is. Reads
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
  if (isTemplate(text)) return foreign('It is a template of another program.', 0);
  const outline = outlineOf(text);
  const others = outline.top.find(({ name }) => othersKeys.has(name.toLowerCase()));
  if (others) return foreign(`It sets ${others.name}, as files of other programs do.`, ownKeysIn(outline));
  return recogniseFlat(text, outline) ?? recogniseNested(text, outline) ?? recogniseTemplate(text, outline);
}

const flatWeights: ReadonlyMap<string, number> = new Map(
  flatSpellings.map(({ name }) => [name.toLowerCase(), weights[name] ?? provesAlone]),
);
const sections: ReadonlySet<string> = new Set(oldSections);

/** Values in double braces are filled in by Helm, Jinja and the like: what the file will be is not to be seen yet. */
function isTemplate(text: string): boolean {
  if (!text.includes('{{') && !text.includes('{%')) return false;
  return text
    .split('\n')
    .map((line) => line.slice(0, maxTemplateLine))
    .some((line) => !line.trimStart().startsWith('#') && templateMark.test(line));
}

/** Longer ones take a pattern too long. In UTF-16 units. */
const maxTemplateLine = 200;
const templateMark = /\{\{[^{}]*\}\}|\{%/;

/** Own by spelling, or nearly: `model_path` speaks neither for a config nor against it. */
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

/** With more keys than any config has, looking for slips takes time and finds nothing. */
const maxMeant = 60;
/** What a file must score; a key that is in few other programs speaks for it by itself. */
const enough = 2;
/** What a file must score that names no model and has keys of others. */
const enoughAmongOthers = 3;
/** What a file of both forms must score, where nothing speaks against it. */
const almostEnough = 1.5;

/** A key that is no config's speaks against the file. A file without modelPath must
 *  have a key that others do not have: that nothing speaks against it is not enough. */
function recogniseKeys(
  text: string,
  top: Outline['top'],
  read: (name: string) => string,
): Recognition | undefined {
  const isOwn = (key: Outline['top'][number]) =>
    weightOf(read(key.name)) !== undefined && !isStrange(read(key.name), key);
  const own = top.filter(isOwn);
  if (own.length === 0) return undefined;
  const unknown = top.filter(
    (key) =>
      !isOwn(key) &&
      (weightOf(read(key.name)) !== undefined || !isNearlyOwn(read(key.name))) &&
      !(
        sections.has(key.name.toLowerCase()) &&
        key.children.some((child) => isKnownChild(key.name, child.name))
      ),
  );
  const filter = own.some(({ name, value }) => /^postprocessing$/i.test(name) && isFilter(value)) ? 2 : 0;
  const nested = childrenOf(top).map(({ path, value }) => ({ path, weight: nestedWeight(path, value) }));
  const more = nested.reduce((sum, { weight }) => sum + weight, bonus(text) + filter);
  const score = own.reduce((sum, { name }) => sum + (weightOf(read(name)) ?? 0), more);
  const isModelNamed =
    own.some(({ name }) => read(name).toLowerCase() === 'modelpath') ||
    (score >= almostEnough && nested.some(({ path, weight }) => path === 'model.path' && weight > 0));
  const isProved = bonus(text) > 0 || own.some(({ name }) => isProof(read(name))) || filter > 0;
  const against = [...new Set(unknown.map(({ name }) => name.toLowerCase()))].reduce(
    (sum, name) => sum + (likelyOthersKeys.has(name) ? 2 : 1),
    0,
  );
  const needed = isModelNamed || against === 0 ? enough : enoughAmongOthers;
  const isMostlyOwn = unknown.length <= own.length + bonus(text);
  const isEnough = score - against >= needed && isMostlyOwn && (isModelNamed || isProved);
  if (!isEnough && !(isModelNamed && unknown.length === 0)) return undefined;
  const names = own.slice(0, 3).map(({ name }) => name);
  return { kind: 'config', because: `It sets ${names.join(', ')}.`, ownKeys: own.length };
}

function weightOf(name: string): number | undefined {
  return flatWeights.get(name.toLowerCase());
}

function isProof(name: string): boolean {
  return (weightOf(name) ?? 0) >= enough;
}

function isFilter(value: string): boolean {
  return /^(?:pick)?topN\s*\(/i.test(value);
}

/** Also one that stands in the wrong section, where its name is no word that many programs use. */
function isKnownChild(section: string, child: string): boolean {
  const [place, name] = [section.toLowerCase(), child.toLowerCase()];
  return (
    Object.hasOwn(nestedWeights, `${place}.${name}`) ||
    Object.hasOwn(deadKeys, `${place}.*`) ||
    oldNames.has(name)
  );
}

const oldNames: ReadonlySet<string> = new Set(
  Object.keys(nestedWeights)
    .flatMap((path) => path.split('.')[1] ?? '')
    .filter((name) => name.includes('_')),
);

/** The older form: sections that many programs have, with keys that few have. */
function recogniseNested(text: string, { top }: Outline): Recognition | undefined {
  const known = top.filter(({ name }) => sections.has(name.toLowerCase()));
  const others = top.filter(({ name }) => !isNearlyOwn(name)).length - known.length;
  if (known.length === 0 || others > bonus(text)) return undefined;
  const children = childrenOf(known);
  const score = children.reduce((sum, { path, value }) => sum + nestedWeight(path, value), bonus(text));
  const unknown = children.filter((child) => !child.known).length;
  const isTitled = bonus(text) === titled;
  if (score < enough || (unknown * 4 > children.length && !isTitled)) return undefined;
  const names = known.map(({ name }) => name);
  return {
    kind: 'config',
    because: `It has the sections of the older form: ${names.join(', ')}.`,
    ownKeys: children.length,
  };
}

/** What stands in the sections of the older form. */
function childrenOf(top: Outline['top']): { path: string; value: string; known: boolean }[] {
  const known = top.filter(({ name }) => sections.has(name.toLowerCase()));
  return known.flatMap(({ name, children }) =>
    children.map((key) => ({
      path: `${name}.${key.name}`.toLowerCase(),
      value: key.value,
      known: isKnownChild(name, key.name),
    })),
  );
}

/** data.src is where Redis is, and model.path a folder; in training configs they are files. */
function nestedWeight(path: string, value: string): number {
  const weight = nestedWeights[path] ?? 0;
  if (path === 'data.src' && value !== '' && !/^[^\s/]+\s*:\s*(?:\d+|\$\{env:\w+\})$/.test(value))
    return -weight;
  return path === 'model.path' && othersModels.test(value) ? -weight : weight;
}

/** A template whose keys are all comments still. */
function recogniseTemplate(text: string, outline: Outline): Recognition {
  const { top, commented } = outline;
  const written = new Map(commented.map((key) => [key.name.toLowerCase(), key]));
  const names = [...written.keys()];
  const own = names.filter((name) => flatWeights.has(name));
  const score = own.reduce((sum, name) => sum + (flatWeights.get(name) ?? 0), bonus(text));
  // In comments, words of prose look like keys too.
  const others = names.filter((name) => !isNearlyOwn(name));
  const strange = commented.filter((key) => isStrange(key.name, { ...key, children: [] }));
  const against = others.reduce(
    (sum, name) => sum + (likelyOthersKeys.has(name) ? 2 : 0.5),
    2 * strange.length,
  );
  const unknown = top.filter(({ name }) => !isNearlyOwn(name)).length;
  const isOthers = names.some((name) => othersKeys.has(name)) || /\{\{|\{%/.test(text);
  const isProved = bonus(text) > 0 || written.has('modelpath') || (own.some(isProof) && own.length > 1);
  if (unknown === 0 && others.length <= own.length && !isOthers && isProved && score - against >= 3)
    return { kind: 'config', because: 'It is a template with our keys as comments.', ownKeys: own.length };
  return foreign('Too few of its keys are keys of config.yaml.', ownKeysIn(outline));
}

const titled = 2;

/** A file that names Cluster Serving needs less to be believed; most of all where its first line does. */
function bonus(text: string): number {
  const first = text.replace('\uFEFF', '').trimStart().split('\n', 1)[0] ?? '';
  if (/^#.*\bcluster[- ]serving\b/i.test(first)) return titled;
  // Seldom, and cheaper to see than the comment around it.
  return /\bcluster serving\b/i.test(text) && /^[^#\n]*#.*\bcluster serving\b/im.test(text) ? 1 : 0;
}

function ownKeysIn({ top }: Outline): number {
  return top.filter(({ name }) => flatWeights.has(name.toLowerCase())).length;
}

function foreign(because: string, ownKeys: number): Recognition {
  return { kind: 'foreign', because, ownKeys };
}

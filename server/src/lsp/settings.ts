import type { Severity } from '../../../schemas/config/problems.ts';
import type { Severities } from '../language/diagnose.ts';
import { globMatcher } from '../language/recognise/glob.ts';

export type PathMatcher = (path: string) => boolean;

/** What users may set, below `clusterServing`. */
export interface Settings {
  /** Globs of files that are configs, whatever their content; and of those that are not. */
  readonly include: readonly PathMatcher[];
  readonly exclude: readonly PathMatcher[];
  readonly severities: Severities;
  /** Whether files that are not open are checked, too. */
  readonly scope: 'openFiles' | 'workspace';
  readonly inlayHints: boolean;
  /** Whether the Redis of a config is asked for its jobs during typing. */
  readonly live: boolean;
}

export const defaultSettings: Settings = {
  include: [],
  exclude: [],
  severities: {},
  scope: 'workspace',
  inlayHints: true,
  live: true,
};

/** Reads what an editor sends: anything at all. What is not understood has its default.
 *  @param log  is given a sentence for each glob that is none, which is left out */
export function readSettings(sent: unknown, log: (message: string) => void = () => undefined): Settings {
  const files = part(sent, 'files');
  const diagnostics = part(sent, 'diagnostics');
  return {
    include: matchers('include', part(files, 'include'), log),
    exclude: matchers('exclude', part(files, 'exclude'), log),
    severities: severitiesOf(part(diagnostics, 'severities')),
    scope: part(diagnostics, 'scope') === 'openFiles' ? 'openFiles' : 'workspace',
    inlayHints: part(part(sent, 'inlayHints'), 'enabled') !== false,
    live: part(part(sent, 'completion'), 'live') !== false,
  };
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function matchers(name: string, value: unknown, log: (message: string) => void): readonly PathMatcher[] {
  const globs = Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  return globs.flatMap((glob) => {
    const matcher = globMatcher(glob);
    if (!matcher) log(`clusterServing.files.${name}: "${glob}" is no glob and is ignored.`);
    return matcher ?? [];
  });
}

function severitiesOf(value: unknown): Severities {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, Severity | 'off'] =>
      ['error', 'warning', 'information', 'hint', 'off'].includes(String(entry[1])),
    ),
  );
}

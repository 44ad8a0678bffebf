import type { Severity } from '../../../schemas/problems.ts';
import type { Severities } from '../language/diagnose.ts';

/** What users may set, below `clusterServing`. */
export interface Settings {
  /** Globs of files that are ours, whatever stands in them; and of those that are not. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly severities: Severities;
  /** Whether files that are not open are checked, too. */
  readonly scope: 'openFiles' | 'workspace';
  readonly inlayHints: boolean;
  /** Whether the Redis of a config is asked for its jobs while somebody writes. */
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

/** Reads what an editor sends: anything at all. What is not understood has its default. */
export function readSettings(sent: unknown): Settings {
  const files = part(sent, 'files');
  const diagnostics = part(sent, 'diagnostics');
  return {
    include: texts(part(files, 'include')),
    exclude: texts(part(files, 'exclude')),
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

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function severitiesOf(value: unknown): Severities {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, Severity | 'off'] =>
      ['error', 'warning', 'information', 'hint', 'off'].includes(String(entry[1])),
    ),
  );
}

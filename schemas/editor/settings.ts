import { worldProblems } from '../config/problems.ts';

/** One setting of the editor extension, below `clusterServing`; a JSON schema with texts. */
export interface SettingRow {
  readonly type: 'boolean' | 'integer' | 'string' | 'array' | 'object';
  readonly default: unknown;
  readonly description: string;
  readonly scope?: 'window' | 'resource' | 'machine-overridable';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly items?: object;
  readonly properties?: object;
  readonly additionalProperties?: boolean;
}

/** What happens when a job dies. */
export const onDeathChoices = ['nothing', 'badge', 'notification'] as const;
export type OnDeath = (typeof onDeathChoices)[number];
export const onDeathDefault: OnDeath = 'notification';

const severity = { enum: ['error', 'warning', 'information', 'hint', 'off'] };

export const settings = {
  'files.include': {
    type: 'array',
    items: { type: 'string' },
    default: [],
    scope: 'resource',
    description: 'Globs of YAML files that are configs of Cluster Serving, whatever stands in them.',
  },
  'files.exclude': {
    type: 'array',
    items: { type: 'string' },
    default: [],
    scope: 'resource',
    description: 'Globs of YAML files that are not configs of Cluster Serving.',
  },
  'diagnostics.scope': {
    type: 'string',
    enum: ['openFiles', 'workspace'],
    default: 'workspace',
    description: 'Whether configs that are not open are checked, too.',
  },
  'diagnostics.severities': {
    type: 'object',
    properties: Object.fromEntries(Object.keys(worldProblems).map((code) => [code, severity])),
    additionalProperties: false,
    default: {},
    description: 'How serious a problem around a config is, by its code; "off" hides it.',
  },
  'inlayHints.enabled': {
    type: 'boolean',
    default: true,
    description: 'Show what a config leaves unsaid, beside its values.',
  },
  'completion.live': {
    type: 'boolean',
    default: true,
    description:
      'Ask the services that a config names for their jobs while it is written, for 300 ms at most.',
  },
  'jobs.refreshInterval': {
    type: 'integer',
    minimum: 500,
    maximum: 60_000,
    default: 2_000,
    description:
      'How often the jobs are looked at while their view is visible, in milliseconds. A hidden view asks nothing.',
  },
  'jobs.yellowAfterSeconds': {
    type: 'integer',
    minimum: 1,
    maximum: 86_400,
    default: 30,
    description: 'A queue is shown in yellow when its oldest record has waited this many seconds.',
  },
  'jobs.redAfterSeconds': {
    type: 'integer',
    minimum: 1,
    maximum: 86_400,
    default: 60,
    description: 'A queue is shown in red when its oldest record has waited this many seconds.',
  },
  'jobs.onDeath': {
    type: 'string',
    enum: onDeathChoices,
    default: onDeathDefault,
    description:
      'What happens when a job dies while the jobs are being looked at: nothing, a number on the icon of the view, or a notification as well.',
  },
  'http.port': {
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    default: 10_020,
    description: 'The port of the HTTP frontend that the editor starts; 0 takes a free one.',
  },
} as const satisfies Record<string, SettingRow>;

export type SettingName = keyof typeof settings;

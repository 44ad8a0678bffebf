/** What the editor's manifest and the extension agree on beside commands and settings. */

export const mcpProviderId = 'clusterServing';

/** The id of a tool for agents of the editor, of which the rest is its name. */
export const languageToolPrefix = 'cluster-serving_';

export const taskType = 'cluster-serving';

export const taskActions = ['start', 'stop'] as const;
export type TaskAction = (typeof taskActions)[number];

/** What a task prints. The editor waits for the lines that begin and end a start, so they are in English in every language. */
export const taskLines = {
  starting: (jobName: string) => `Starting "${jobName}".`,
  serving: (jobName: string) => `"${jobName}" is serving.`,
  wasServing: (jobName: string) => `"${jobName}" already runs.`,
  failed: (jobName: string) => `"${jobName}" did not start.`,
} as const;

export const taskMatcher = {
  name: 'cluster-serving',
  /** Lines such as `config.yaml:2:12: error wrong-type: …`. */
  pattern: {
    regexp: '^(.*):(\\d+):(\\d+): (error|warning) ([\\w-]+): (.*)$',
    file: 1,
    line: 2,
    column: 3,
    severity: 4,
    code: 5,
    message: 6,
  },
  begins: '^Starting ".*"\\.$',
  /** A start that fails does not end so: what waits for it sees its exit code. */
  ends: '^".*" (is serving|already runs)\\.$',
} as const;

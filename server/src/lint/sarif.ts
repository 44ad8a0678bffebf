import { printableJson } from '../../../schemas/printable.ts';
import { configProblems, type ProblemCode, type Severity } from '../../../schemas/config/problems.ts';
import { regionOf, type Report } from './report.ts';

const levels: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};
const codes = Object.keys(configProblems) as readonly ProblemCode[];

/** SARIF 2.1.0, with every rule described whether it was broken or not. */
export function formatSarif({ files: reports, unread }: Report, version: string): string {
  const rules = codes.map((id) => {
    const { severity, summary, help } = configProblems[id];
    return {
      id,
      shortDescription: { text: summary },
      fullDescription: { text: `${summary} ${help}` },
      help: { text: help },
      defaultConfiguration: { level: levels[severity] },
    };
  });
  const results = reports.flatMap(({ path, text, problems }) =>
    problems.map((problem) => ({
      ruleId: problem.code,
      ruleIndex: codes.indexOf(problem.code),
      level: levels[problem.severity],
      message: { text: problem.message },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: uriOf(path) }, region: regionOf(text, problem) },
        },
      ],
    })),
  );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'cluster-serving', semanticVersion: version, rules } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: unread.length === 0,
            toolExecutionNotifications: unread.map(({ path, trouble }) => ({
              level: 'error',
              message: { text: `${path} ${trouble}.` },
              locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }],
            })),
          },
        ],
        results,
      },
    ],
  };
  return `${printableJson(JSON.stringify(log, null, 2))}\n`;
}

/** Relative paths stay relative, so that a report means the same on another machine. */
function uriOf(path: string): string {
  return (path.startsWith('/') ? 'file://' : '') + path.split('/').map(encodeURIComponent).join('/');
}

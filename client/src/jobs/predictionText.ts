import type { Translate } from '../views/figures.ts';
import type { JsonLine } from './cli.ts';

interface Output {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const shownClasses = 5;
const shownValues = 20;

/** What `predict --json` printed, for people: of each record the highest values of each output, and its shape. */
export function predictionText(jobName: string, lines: readonly JsonLine[], t: Translate): string {
  const parts = lines.flatMap((line) => ('name' in line ? [recordText(line, t)] : []));
  const summary = lines.find((line) => 'summary' in line)?.summary as
    { readonly records: number; readonly failed: number; readonly recordsPerSecond: number } | undefined;
  // Of a single record all is said above.
  const end =
    summary && summary.records > 1
      ? [
          t(
            '{0} records, {1} without an answer, {2}/s.',
            summary.records,
            summary.failed,
            summary.recordsPerSecond,
          ),
        ]
      : [];
  return `${[`# ${t('Predictions of {0}', jobName)}`, ...parts, ...end].join('\n\n')}\n`;
}

function recordText({ name, outputs, filtered, error, reason }: JsonLine, t: Translate): string {
  const title = `## ${String(name)}`;
  if (typeof error === 'string')
    return `${title}\n\n${t('No prediction: {0}', typeof reason === 'string' ? reason : error)}`;
  if (filtered !== undefined) return `${title}\n\n\`\`\`json\n${JSON.stringify(filtered)}\n\`\`\``;
  return [title, ...(outputs as readonly Output[]).map((output) => outputText(output, t))].join('\n\n');
}

function outputText({ shape, data }: Output, t: Translate): string {
  const best = data
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, shownClasses);
  const values = data.slice(0, shownValues).map((value) => Number(value.toPrecision(4)));
  return [
    `| ${t('index')} | ${t('value')} |\n| ---: | ---: |\n${best.map(({ index, value }) => `| ${index} | ${value.toPrecision(4)} |`).join('\n')}`,
    `${t('Shape')} [${shape.join(', ')}]: ${values.join(', ')}${data.length > shownValues ? ', …' : ''}`,
  ].join('\n\n');
}

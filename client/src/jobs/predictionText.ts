import type { JsonLine } from './cli.ts';

interface Output {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const shownClasses = 5;
const shownValues = 20;

/** What `predict --json` printed, for people: of each record the highest values of each output, and its shape. */
export function predictionText(jobName: string, lines: readonly JsonLine[]): string {
  const parts = lines.flatMap((line) => ('name' in line ? [recordText(line)] : []));
  const summary = lines.find((line) => 'summary' in line)?.summary as
    { readonly records: number; readonly failed: number; readonly recordsPerSecond: number } | undefined;
  const end = summary
    ? [`${summary.records} records, ${summary.failed} without an answer, ${summary.recordsPerSecond}/s.`]
    : [];
  return `${[`# Predictions of ${jobName}`, ...parts, ...end].join('\n\n')}\n`;
}

function recordText({ name, outputs, filtered, error }: JsonLine): string {
  const title = `## ${String(name)}`;
  if (typeof error === 'string') return `${title}\n\nNo prediction: ${error}`;
  if (filtered !== undefined) return `${title}\n\n\`\`\`json\n${JSON.stringify(filtered)}\n\`\`\``;
  return [title, ...(outputs as readonly Output[]).map(outputText)].join('\n\n');
}

function outputText({ shape, data }: Output): string {
  const best = data
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, shownClasses);
  const values = data.slice(0, shownValues).map((value) => Number(value.toPrecision(4)));
  return [
    `| index | value |\n| ---: | ---: |\n${best.map(({ index, value }) => `| ${index} | ${value.toPrecision(4)} |`).join('\n')}`,
    `Shape [${shape.join(', ')}]: ${values.join(', ')}${data.length > shownValues ? ', …' : ''}`,
  ].join('\n\n');
}

import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { ModelReport } from '../../../schemas/modelReport.ts';
import { describeModel } from '../jobs/describeModel.ts';
import { paint, print, printJson, table, type JsonOption } from './output.ts';

export interface ModelOptions extends JsonOption {
  readonly config?: string;
}

/** Exit code 1 if the model could not be loaded. */
export async function model(
  path: string,
  { config, json }: ModelOptions,
  programFolder: string,
): Promise<number> {
  const report = await describeModel({ path, configPath: config, programFolder });
  if (json) printJson({ model: report });
  else show(report);
  return report.loaded ? 0 : 1;
}

function show({ files, type, runtime, runtimePlace, loaded, trouble, structure }: ModelReport): void {
  for (const { path, bytes } of files) print(`${path}  ${bytes} bytes`);
  const place = runtimePlace === undefined ? '' : ` (${runtimePlace})`;
  print(runtime === undefined ? type : `${type}, served by ${runtime}${place}`);
  if (trouble) print(paint('red', trouble.message));
  if (loaded) {
    const { inputs, outputs, sharing, notes } = loaded;
    print(table([...inputs.map((info) => rowOf('in', info)), ...outputs.map((info) => rowOf('out', info))]));
    print(
      `${sharing.shared ? 'Records share runs' : 'Each record has a run of its own'}: ${sharing.reason}.`,
    );
    for (const note of notes) print(note);
  }
  if (!structure) return;
  const { operators, versions, parameters } = structure;
  const facts = versions.map(({ name, version }) => `${name} ${version}`);
  print([...facts, ...(parameters === undefined ? [] : [`${parameters} parameters`])].join(', '));
  print(table([['OPERATOR', 'COUNT'], ...operators.map(({ name, count }) => [name, String(count)])], [1]));
}

function rowOf(way: string, { name, type, shape }: TensorInfo): string[] {
  return [way, name, `${type}[${shape.map((size) => size ?? '?').join(', ')}]`];
}

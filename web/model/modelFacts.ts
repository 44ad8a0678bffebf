import type { ModelReport } from '../../schemas/modelReport.ts';
import { sizeText } from './sizeText.ts';
import type { Text } from './texts.ts';

export type Fact = readonly [name: string, value: string];

/** What is said of a model in a line each. */
export function factsOf(report: ModelReport, t: Text, language: string): readonly Fact[] {
  const { files, type, runtime, runtimePlace, structure } = report;
  const [definition, ...weights] = files;
  const versions = structure?.versions ?? [];
  return [
    [t('Type'), type],
    ...(definition ? [[t('Size'), sizeText(definition.bytes, language)] as const] : []),
    ...weights.map(
      ({ path, bytes }) => [t('Weights'), `${baseName(path)}, ${sizeText(bytes, language)}`] as const,
    ),
    ...(versions.length > 0
      ? [[t('Versions'), versions.map(({ name, version }) => `${name} ${version}`).join(', ')] as const]
      : []),
    ...(structure?.parameters === undefined
      ? []
      : [[t('Parameters'), structure.parameters.toLocaleString(language)] as const]),
    [
      t('Served by'),
      runtime === undefined
        ? t('nothing here')
        : [runtime, ...(runtimePlace === undefined ? [] : [runtimePlace])].join(', '),
    ],
  ];
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

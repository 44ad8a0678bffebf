import { resolve } from 'node:path';
import type { Severity } from '../../../schemas/config/problems.ts';
import { readConfig } from '../config/readConfig.ts';
import { configText } from '../language/configText.ts';
import { diagnose, type Severities } from '../language/diagnose.ts';
import { diagnoseServables } from '../language/servables/diagnoseServables.ts';
import { createWorkspace, factsOf } from '../language/workspace.ts';
import type { FileReport } from '../lint/report.ts';
import { inTurn } from './inTurn.ts';
import type { Source } from './lintSources.ts';
import { nodeFiles } from './nodeFiles.ts';

/** Checks configs and the lists of jobs of a frontend, each in the sight of the others.
 *  @param quiet  only errors and warnings */
export async function checkSources(
  sources: readonly Pick<Source, 'kind' | 'path' | 'text'>[],
  severities: Severities,
  quiet: boolean,
): Promise<FileReport[]> {
  const files = nodeFiles();
  const workspace = createWorkspace();
  const uriOf = (path: string) => files.uriOf(resolve(path));
  for (const { kind, path, text } of sources)
    if (kind === 'config') workspace.set(factsOf(uriOf(path), readConfig(text)));
  return inTurn(sources, async ({ kind, path, text }) => {
    const problems =
      kind === 'config'
        ? await diagnose(configText(uriOf(path), text), { files, workspace }, severities)
        : diagnoseServables(text, workspace, severities);
    const isShown = ({ severity }: { readonly severity: Severity }) =>
      !quiet || severity === 'error' || severity === 'warning';
    return { path, text, problems: problems.filter(isShown) };
  });
}

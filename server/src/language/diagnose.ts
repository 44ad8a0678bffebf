import { worldProblems, type Problem, type Severity } from '../../../schemas/config/problems.ts';
import { withoutDisabled } from '../config/disableComments.ts';
import type { ConfigText } from './configText.ts';
import type { Files } from './files.ts';
import { checkModelFolder } from './world/modelFolder.ts';
import { checkReload, type ReloadRefusals } from './world/reloadRefusals.ts';
import { checkShared } from './world/sharedNames.ts';
import { checkTrustStores } from './world/trustStore.ts';
import type { Workspace } from './workspace.ts';

/** Severities that a user wants, by code. */
export type Severities = Readonly<Record<string, Severity | 'off'>>;

export interface Surroundings {
  readonly files: Files;
  readonly workspace: Workspace;
  /** What the editor knows of running workers. */
  readonly refusals?: ReloadRefusals;
}

/** Everything that is wrong with a config: in its text, and in the world around it. In the order of the
 *  text; editor and `lint` both show exactly this. */
export async function diagnose(
  config: ConfigText,
  { files, workspace, refusals = new Map() }: Surroundings,
  severities: Severities = {},
): Promise<Problem[]> {
  const found = await Promise.all([checkModelFolder(config, files), checkTrustStores(config, files)]);
  const world = [...found.flat(), ...checkShared(config, workspace)];
  const known = [...config.read.problems, ...withoutDisabled(config.text, world)];
  const refused = checkReload(config, refusals, known);
  return [...known, ...(refused ? [refused] : [])]
    .flatMap((problem) => withSeverity(problem, severities))
    .sort((a, b) => a.range.start - b.range.start);
}

/** An error in the text prevents the start, whatever anyone wishes; only those of the world may be lowered. */
export function withSeverity(problem: Problem, severities: Severities): Problem[] {
  const wanted = Object.hasOwn(severities, problem.code) ? severities[problem.code] : undefined;
  const isFixed = problem.severity === 'error' && !Object.hasOwn(worldProblems, problem.code);
  if (wanted === undefined || isFixed) return [problem];
  return wanted === 'off' ? [] : [{ ...problem, severity: wanted }];
}

import type { KeyName } from '../../../../schemas/config/configKeys.ts';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import type { Problem, Range } from '../../../../schemas/config/problems.ts';
import type { JobsMessage, RefusedConfig } from '../../../../schemas/editor/languageMessages.ts';
import { problem } from '../../config/problem.ts';
import type { ConfigText } from '../configText.ts';

/** Why running workers do not serve what stands in their configs, by the paths of these. */
export type ReloadRefusals = ReadonlyMap<string, RefusedConfig>;

/** Reads what the editor sends; anything else is left out. */
export function reloadRefusalsOf({ refused }: JobsMessage): ReloadRefusals {
  const sent: readonly unknown[] = Array.isArray(refused) ? refused : [];
  return new Map(
    sent.flatMap((one): [string, RefusedConfig][] => {
      const { configPath, message, code } = (one ?? {}) as Partial<RefusedConfig>;
      const isWhole = [configPath, message, code].every((text) => typeof text === 'string');
      return isWhole ? [[configPath as string, one as RefusedConfig]] : [];
    }),
  );
}

/** The refusal of a config at the key that it is about, or at the model; undefined where none was.
 *  @param known  problems that are found already: the same is not said twice */
export function checkReload(
  { uri, read }: ConfigText,
  refusals: ReloadRefusals,
  known: readonly Problem[],
): Problem | undefined {
  const refused = refusals.get(pathOf(uri));
  if (!refused) return undefined;
  const { code, message } = refused;
  const key = isKey(refused.key) ? refused.key : 'modelPath';
  const { valueRange, keyRange } = read.origins[key];
  // A key that is not written any more has no place.
  const range: Range = valueRange ?? keyRange ?? read.origins.modelPath.valueRange ?? { start: 0, end: 0 };
  if (known.some((one) => one.severity === 'error' && one.range.start === range.start)) return undefined;
  return problem(code === 'restart-needed' ? 'restart-needed' : 'reload-refused', range, message, { key });
}

function isKey(key: string | undefined): key is KeyName {
  return key !== undefined && Object.hasOwn(configKeys, key);
}

/** Of a file; other documents have none. */
function pathOf(uri: string): string {
  try {
    return uri.startsWith('file://') ? decodeURIComponent(new URL(uri).pathname) : '';
  } catch {
    return '';
  }
}

import { join } from 'node:path';
import { diagnose } from '../jobs/diagnose.ts';
import { paint, print, printJson, type ConfigOption, type JsonOption } from './output.ts';

/** Exit code 1 if anything is missing. */
export async function doctor(
  { config, json }: ConfigOption & JsonOption,
  programFolder: string,
): Promise<number> {
  const findings = await diagnose(config, join(programFolder, 'runtimeCheck.mjs'));
  if (json) printJson({ findings });
  else
    for (const { check, ok, text } of findings)
      print(`${ok ? paint('green', 'OK     ') : paint('red', 'PROBLEM')} ${check}: ${text}`);
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

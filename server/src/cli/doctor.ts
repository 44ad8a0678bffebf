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
    for (const { check, ok, text } of findings) {
      const [first = '', ...more] = text.split('\n');
      print(`${ok ? paint('green', 'OK     ') : paint('red', 'PROBLEM')} ${check}: ${first}`);
      // Further lines are set in, so that none of them can pass for a finding.
      for (const line of more) print(`        ${line}`);
    }
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

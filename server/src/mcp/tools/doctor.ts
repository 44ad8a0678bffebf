import { join } from 'node:path';
import { diagnose } from '../../jobs/diagnose.ts';
import { config, requireFile } from '../arguments.ts';
import { defineTool } from '../tool.ts';

export const doctor = defineTool({ config }, async ({ config: path }, { programFolder }) => {
  requireFile(path);
  const findings = await diagnose(path, join(programFolder, 'runtimeCheck.mjs'));
  return {
    text: findings.flatMap(({ check, ok, text }) => {
      const [first = '', ...more] = text.split('\n');
      // Further lines are set in, so that none of them can pass for a finding.
      return [`${ok ? 'OK' : 'PROBLEM'} ${check}: ${first}`, ...more.map((line) => `  ${line}`)];
    }),
    data: { ok: findings.every(({ ok }) => ok), findings },
  };
});

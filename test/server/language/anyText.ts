import fc from 'fast-check';
import { expect } from 'vitest';
import { configKeys } from '../../../schemas/config/configKeys.ts';
import { codeActions } from '../../../server/src/language/features/codeActions.ts';
import { complete } from '../../../server/src/language/features/complete/completion.ts';
import { configText } from '../../../server/src/language/configText.ts';
import { diagnose } from '../../../server/src/language/diagnose.ts';
import { documentLinks } from '../../../server/src/language/features/documentLinks.ts';
import { folds } from '../../../server/src/language/features/folding.ts';
import { format, formatRange } from '../../../server/src/language/features/format.ts';
import { highlights } from '../../../server/src/language/features/highlights.ts';
import { hover } from '../../../server/src/language/features/hover.ts';
import { indentLine } from '../../../server/src/language/features/indentLine.ts';
import { inlayHints } from '../../../server/src/language/features/inlayHints.ts';
import { jobNameUses } from '../../../server/src/language/jobNames.ts';
import { recognise } from '../../../server/src/language/recognise/recognise.ts';
import { selectionRanges } from '../../../server/src/language/features/selectionRanges.ts';
import { completeServables, hoverServables } from '../../../server/src/language/servables/servablesHelp.ts';
import { symbols } from '../../../server/src/language/features/symbols.ts';
import type { TextEdit } from '../../../schemas/config/problems.ts';
import { inMemory, uri, workspaceOf } from './world.ts';

const piece = fc.constantFrom(
  ...Object.keys(configKeys),
  'model:',
  'data:',
  'params: {core_number: 4, x: 1}',
  '    path: /m',
  '\tname: x',
  '    src:',
  'jobName: &a x',
  'modelPath: *a',
  '<<: *a',
  'JOBNAME: "x"',
  'zzz: 1  # 😀',
  'performance_mode: true',
  'modelPath: "/m "',
  "redisUrl: 'redis://h:1'",
  'redisUrl: localhost:8081',
  '? a',
  '- b',
  '---',
  '...',
  '%YAML 1.2',
  '<<<<<<< HEAD',
  '=======',
  '>>>>>>> x',
  '|\n  text',
  '>-',
  '"open',
  '[1, {',
  '!<ClusterServingMetaData>',
  '# cluster-serving-disable-next-line unknown-key, zzz',
  '# cluster-serving',
  '😀: 模型',
  ': ',
  '  ',
  '\t',
  '',
);
export const anyText = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom('\n', '\r\n'),
    fc.array(fc.oneof({ weight: 5, arbitrary: piece }, fc.string({ unit: 'binary', maxLength: 20 })), {
      maxLength: 14,
    }),
  )
  .map(([bom, eol, lines]) => (bom ? '\uFEFF' : '') + lines.join('\n').replaceAll('\n', eol));

const surroundings = {
  files: inMemory({ '/m/a.onnx': '', '/work/serving/x/a.pt': '' }),
  workspace: workspaceOf({
    'file:///o/config.yaml': 'modelPath: /m\njobName: x\nflinkRestUrl: localhost:8081\n',
  }),
};

/** Edits are in order, do not overlap, lie in the text and cut no character in two. */
function expectSound(edits: readonly TextEdit[], whole: string): void {
  let at = 0;
  for (const { range } of edits) {
    expect(range.start).toBeGreaterThanOrEqual(at);
    expect(range.end).toBeGreaterThanOrEqual(range.start);
    at = range.end;
    for (const offset of [range.start, range.end])
      expect(
        /^[\uDC00-\uDFFF]/.test(whole.slice(offset)) && /[\uD800-\uDBFF]$/.test(whole.slice(0, offset)),
      ).toBe(false);
  }
  expect(at).toBeLessThanOrEqual(whole.length);
}

/** Whatever the text and the place, every feature answers, and every edit is sound. */
export async function expectAnswers(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyText, fc.double({ min: 0, max: 1, noNaN: true }), async (whole, share) => {
      const offset = Math.floor(share * whole.length);
      const config = configText(uri, whole);
      recognise(whole);
      const problems = await diagnose(config, surroundings);
      for (const { edits } of codeActions(config, problems, { start: 0, end: whole.length }))
        expectSound(edits, whole);
      expectSound(format(config), whole);
      for (const { range } of await complete(config, offset, surroundings)) {
        expect(range.start).toBeLessThanOrEqual(offset);
        expect(range.end).toBeGreaterThanOrEqual(offset);
      }
      for (const { range } of await completeServables({ uri, text: whole }, offset, surroundings)) {
        expect(range.start).toBeLessThanOrEqual(offset);
        expect(range.end).toBeGreaterThanOrEqual(offset);
      }
      hoverServables(whole, offset);
      expectSound(formatRange(config, { start: offset, end: whole.length }), whole);
      expectSound(indentLine(whole, offset, 2), whole);
      await hover(config, offset, surroundings.files);
      for (const range of selectionRanges(config, offset)) expectSound([{ range, newText: '' }], whole);
      highlights(config, offset);
      symbols(config);
      folds(config);
      await documentLinks(config, surroundings.files);
      await inlayHints(config, surroundings.files);
      for (const source of ['config', 'python', 'script', 'servables'] as const)
        for (const { name, range } of jobNameUses(source, whole))
          expect(whole.slice(range.start, range.end)).toBe(name);
    }),
    { numRuns },
  );
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { configText } from '../../../server/src/language/configText.ts';
import { fixAll, fixAllEdits } from '../../../server/src/language/features/fixes.ts';
import { format } from '../../../server/src/language/features/format.ts';
import { anyText, expectAnswers } from './anyText.ts';
import { uri } from './world.ts';
import { runs } from '../../support/runs.ts';

// The integration tests run it on many more.
test('whatever the text and the place, every feature answers, and every edit is sound', () =>
  expectAnswers(runs(400).numRuns));

test(
  'fixing all changes nothing of what is read, is done after once, and its edits say the same',
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(anyText, (whole) => {
        const fixed = fixAll(whole);
        expect(applyEdits(whole, fixAllEdits(whole))).toBe(fixed);
        const before = readConfig(whole);
        if (before.config) expect(readConfig(fixed).config).toEqual(before.config);
      }),
      runs(500),
    );
  },
);

test('formatting changes nothing of what is read, and is done after once', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(anyText, (whole) => {
      const formatted = applyEdits(whole, format(configText(uri, whole)));
      expect(formatted.replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''));
      expect(readConfig(formatted).config).toEqual(readConfig(whole).config);
      expect(format(configText(uri, formatted))).toEqual([]);
    }),
    runs(500),
  );
});

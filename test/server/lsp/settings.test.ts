import { expect, test } from 'vitest';
import { defaultSettings, readSettings } from '../../../server/src/lsp/settings.ts';

test('settings are read, and what is not understood has its default', () => {
  expect(
    readSettings({
      files: { include: ['a', 1], exclude: ['b'] },
      diagnostics: { severities: { 'model-missing': 'off', x: 'loud' }, scope: 'openFiles' },
      inlayHints: { enabled: false },
      completion: { live: false },
    }),
  ).toEqual({
    include: ['a'],
    exclude: ['b'],
    severities: { 'model-missing': 'off' },
    scope: 'openFiles',
    inlayHints: false,
    live: false,
  });
  for (const sent of [null, undefined, 1, [], {}, { files: 1, diagnostics: null, inlayHints: [] }])
    expect(readSettings(sent)).toEqual(defaultSettings);
});

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
    include: [expect.any(Function)],
    exclude: [expect.any(Function)],
    severities: { 'model-missing': 'off' },
    scope: 'openFiles',
    inlayHints: false,
    live: false,
  });
  const logged: string[] = [];
  const { include } = readSettings({ files: { include: ['[', 'ok'] } }, (line) => logged.push(line));
  expect(include).toHaveLength(1);
  expect(logged).toEqual([expect.stringContaining('"["')]);
  for (const sent of [null, undefined, 1, [], {}, { files: 1, diagnostics: null, inlayHints: [] }])
    expect(readSettings(sent)).toEqual(defaultSettings);
});

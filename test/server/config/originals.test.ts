import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { convertNested, fixAll } from '../../../server/src/language/features/fixes.ts';
import { originals } from './originals.ts';
import { check } from './check.ts';

const codesIn = (text: string) => readConfig(text).problems.map(({ code }) => code);

describe('a config of any generation of the original', () => {
  test('has no unknown key, and nothing that prevents the start', () => {
    for (const { name, text } of originals) {
      const { problems, config } = readConfig(text);
      const strange = problems.filter(({ code, severity }) => code === 'unknown-key' || severity === 'error');
      expect([name, strange]).toEqual([name, []]);
      expect(config?.modelPath).not.toBe('');
    }
  });

  test('is converted without a change of what is read, and has nothing older left', () => {
    for (const { name, text } of originals) {
      const fixed = fixAll(text);
      expect([name, readConfig(fixed).config]).toEqual([name, readConfig(text).config]);
      const older = codesIn(fixed).filter((code) =>
        ['nested-form', 'older-name', 'dead-key', 'syntax'].includes(code),
      );
      expect([name, older]).toEqual([name, []]);
      expect(codesIn(applyEdits(text, convertNested(text)))).not.toContain('nested-form');
    }
  });

  test('is read with the meaning that each key had', () => {
    const text = `
secure: {secure_enabled: yes, secure_trust_store_path: /t, secure_struct_store_password: 123456}
params: {model_number: 3}
redis: {timeout: 700}
data: {batched: true}
model: {path: /m}
`;
    const { config } = readConfig(text);
    expect(config).toMatchObject({
      redisSecureEnabled: true,
      redisSecureTrustStorePath: '/t',
      modelParallelism: 3,
      redisTimeout: 700,
      inputAlreadyBatched: true,
    });
    expect(config?.redisSecureTrustStorePassword?.reveal()).toBe('123456');
    expect(readConfig('modelPath: /m\ndataAlreadyBatched: true\n').config?.inputAlreadyBatched).toBe(true);
    expect(readConfig('model: {path: /m}\nparams: {core_num: 3}\n').config?.coreNumberPerMachine).toBe(3);
  });

  test('says why a key of it does nothing any more', () =>
    check(`
log:
#^^ warning nested-form
  summary: y
# ^^^^^^^ information dead-key
model:
#^^^^ warning nested-form
  mode: single
# ^^^^ information dead-key
  batch_disabled: true
# ^^^^^^^^^^^^^^ information dead-key
params:
#^^^^^ warning nested-form
  engine_type: mkldnn
# ^^^^^^^^^^^ information dead-key
`));
});

describe('encryption that an older form asks for', () => {
  test.each([
    ['secure:\n  model_encrypted: true\n', 'modelEncrypted'],
    ['secure: {record_encrypted: on}\n', 'recordEncrypted'],
    ['SECURE:\n  MODEL_ENCRYPTED: "true"\n', 'modelEncrypted'],
    ['x: &s\n  model_encrypted: true\nsecure: *s\n', 'modelEncrypted'],
    ['x: &yes true\nsecure:\n  record_encrypted: *yes\n', 'recordEncrypted'],
  ] as const)('is asked for as by the key of today: %j', (older, key) => {
    const codesOf = (text: string) =>
      readConfig(`modelPath: /m\n${text}`)
        .problems.filter(({ data }) => data?.key === key)
        .map(({ code }) => code);
    expect(readConfig(`modelPath: /m\n${older}`).config?.[key]).toBe(true);
    expect(codesOf(older).includes('record-secret')).toBe(
      codesOf(`${key}: true\n`).includes('record-secret'),
    );
  });

  test('is not lost where its key is misspelt, and the fix keeps to the section', () => {
    check(`
secure:
#^^^^^ warning nested-form
  model_encryptd: true
# ^^^^^^^^^^^^^^ warning unknown-key
`);
    const [found] = readConfig('secure:\n  model_encryptd: true\n').problems.filter(
      ({ code }) => code === 'unknown-key',
    );
    expect(found?.data?.replacement).toBe('model_encrypted');
  });
});

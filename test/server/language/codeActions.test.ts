import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { codeActions, type CodeAction } from '../../../server/src/language/features/codeActions.ts';
import { diagnose } from '../../../server/src/language/diagnose.ts';
import { fixAll, fixAllEdits } from '../../../server/src/language/features/fixes.ts';
import { atCursor, inMemory, workspaceOf } from './world.ts';

const files = inMemory({ '/work/serving/models/a.onnx': '' });

async function actions(marked: string): Promise<CodeAction[]> {
  const { config, offset } = atCursor(marked);
  const problems = await diagnose(config, { files, workspace: workspaceOf({}) });
  return codeActions(config, problems, { start: offset, end: offset });
}

async function done(
  marked: string,
  kind: CodeAction['kind'],
  preferred: boolean,
): Promise<string | undefined> {
  const action = (await actions(marked)).find((one) => one.kind === kind && one.preferred === preferred);
  return action && applyEdits(marked.replace('$0', ''), action.edits);
}

describe('a quick fix', () => {
  test.each([
    ['modelPath: models\njob_n$0ame: x\n', 'modelPath: models\njobName: x\n'],
    ['modelPath: "mod$0el"\n', 'modelPath: "models"\n'],
    ['modelPath: models\nqueueUsed: Ka$0fka\n', 'modelPath: models\nqueueUsed: kafka\n'],
    ['modelPath: models\nperf$0ormance_mode: 1\n', 'modelPath: models\n# performance_mode: 1\n'],
  ])('%j', async (before, after) => {
    expect(await done(before, 'quickfix', true)).toBe(after);
  });

  test('installs the runtime that a model needs, by a command of the editor', async () => {
    const lacking = inMemory({ '/work/serving/models/a.tflite': '' }, { hasOpenvino: false });
    const { config, offset } = atCursor('modelPath: mo$0dels\n');
    const problems = await diagnose(config, { files: lacking, workspace: workspaceOf({}) });
    const [install] = codeActions(config, problems, { start: offset, end: offset });
    expect(install).toMatchObject({
      title: 'Install OpenVINO',
      edits: [],
      command: { id: 'clusterServing.installRuntime', arguments: ['openvino'] },
    });
  });

  test('is only there for the given problem', async () => {
    expect(await done('modelPath: mo$0dels\njob_name: x\n', 'quickfix', true)).toBeUndefined();
  });

  test('may allow what is no error, in the words that are read', async () => {
    expect(await done('modelPath: models\r\n  foo$0: 1\r\n', 'quickfix', false)).toBeUndefined();
    const allowed = await done('modelPath: models\r\nzzz$0: 1\r\n', 'quickfix', false);
    expect(allowed).toBe(
      'modelPath: models\r\n# cluster-serving-disable-next-line unknown-key\r\nzzz: 1\r\n',
    );
    const after = await actions((allowed ?? '').replace('zzz', 'zz$0z'));
    expect(after).toEqual([]);
  });
});

test('the older form is converted as a whole, comments included', async () => {
  const text = '# head\nmo$0del:\n  # where\n  path: models # here\n  type: x\ndata:\n  src: h:1\n';
  expect(await done(text, 'refactor.rewrite', false)).toBe(
    '# head\n  # where\nmodelPath: models # here\n' +
      '# model.type has no effect: the type is found from the names in the model folder\n#   type: x\nredisUrl: h:1\n',
  );
});

describe('fixing all', () => {
  test('makes every fix that changes no meaning, and no other', () => {
    expect(fixAll('modelpath: "/m "\nmodelPath: /n\nzzz: 1\nqueueUsed: Redis\nsecureEnabled: true\n')).toBe(
      '# modelPath: "/m "\nmodelPath: /n\nzzz: 1\nqueueUsed: Redis\nredisSecureEnabled: true\n',
    );
  });

  test('gives edits that come to the same', () => {
    for (const text of [
      'model:\n\tpath: /m\n\tname: x\n',
      'MODELPATH: /m\nredis: {maxmem: 1g}\n',
      'modelPath: /m\n',
    ])
      expect(applyEdits(text, fixAllEdits(text))).toBe(fixAll(text));
  });
});

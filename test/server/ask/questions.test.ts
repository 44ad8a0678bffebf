import { mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { instanceQuestions, readQuestions } from '../../../server/src/ask/questions.ts';

const folder = mkdtempSync(join(tmpdir(), 'questions-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function errorOf(work: () => unknown): ServingError {
  try {
    work();
  } catch (error) {
    if (error instanceof ServingError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the records in a file', () => {
  test('are the instances of JSON, named by their places, each with a uri of its own', () => {
    const questions = readQuestions(written('two.json', '{"instances":[{"x":[1]},{"x":[2]}]}'));
    expect(questions.map(({ name }) => name)).toEqual(['two.json[0]', 'two.json[1]']);
    expect(new Set(questions.map(({ uri }) => uri)).size).toBe(2);
    expect(instanceQuestions('{"instances":[{"x":[1]}]}', 'instances')).toMatchObject([
      { name: 'instances' },
    ]);
  });

  test('are one image, whatever case its name has, for the input that is named', () => {
    const [question] = readQuestions(written('A.PNG', Buffer.from([1, 2, 3])), 'picture');
    expect([...(question?.inputs ?? [])]).toEqual([['picture', { kind: 'image', base64: 'AQID' }]]);
  });

  test('may come from a descriptor', () => {
    const descriptor = openSync(written('any', '{"instances":[{"x":[7]}]}'), 'r');
    try {
      expect(readQuestions({ descriptor, shown: '-', name: 'standard input' })).toMatchObject([
        { name: 'standard input' },
      ]);
    } finally {
      closeSync(descriptor);
    }
  });

  test('are refused where the file is missing, a folder, or of another kind, and the error names it', () => {
    for (const path of [
      join(folder, 'absent.png'),
      folder,
      written('model.onnx', 'x'),
      written('none', 'x'),
    ]) {
      const { code, message } = errorOf(() => readQuestions(path));
      expect(code).toBe('wrong-use');
      expect(message.startsWith(path)).toBe(true);
    }
  });

  test('are refused where the content is not what the name says', () => {
    for (const path of [written('bad.json', '{"instances":'), written('bad.npy', 'no array')]) {
      const { code, message } = errorOf(() => readQuestions(path));
      expect(code).toBe('record-undecodable');
      expect(message.startsWith(`${path}: `)).toBe(true);
    }
  });
});

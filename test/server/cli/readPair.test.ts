import { describe, expect, test } from 'vitest';
import { secretVariables, type SecretPair } from '../../../schemas/encryption.ts';
import { readPair, type PairSources } from '../../../server/src/cli/secret/readPair.ts';

const { secret, salt } = secretVariables.model;

function sources(given: Partial<PairSources>): PairSources {
  return { env: {}, input: undefined, ask: () => Promise.reject(new Error('asked')), ...given };
}

const texts = (pair: SecretPair) => [pair.secret.reveal(), pair.salt.reveal()];
const input = (text: string) => () => Promise.resolve(text);

describe('a secret and its salt', () => {
  test('come from the environment first', async () => {
    const from = sources({ env: { [secret]: 'a', [salt]: 'b' }, input: input('c\nd\n') });
    expect(texts(await readPair('model', from))).toEqual(['a', 'b']);
  });

  test('of records have variables of their own', async () => {
    const { record } = secretVariables;
    const env = { [secret]: 'a', [salt]: 'b', [record.secret]: 'c', [record.salt]: 'd' };
    expect(texts(await readPair('record', sources({ env })))).toEqual(['c', 'd']);
  });

  test.each([
    ['a\nb', ['a', 'b']],
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    [' a b \n=&+ü\n\n', [' a b ', '=&+ü']],
  ])('come from two lines of the standard input, as they stand: %j', async (text, pair) => {
    expect(texts(await readPair('model', sources({ input: input(text) })))).toEqual(pair);
  });

  test.each(['', 'a', 'a\n', '\nb', 'a\nb\nc'])('are refused from %j', async (text) => {
    await expect(readPair('model', sources({ input: input(text) }))).rejects.toMatchObject({
      code: 'wrong-use',
    });
  });

  test('are refused where only one variable is set', async () => {
    for (const name of [secret, salt])
      await expect(
        readPair('model', sources({ env: { [name]: 'a' }, input: input('c\nd\n') })),
      ).rejects.toMatchObject({ code: 'wrong-use' });
  });

  test('are asked for on a terminal, twice where a slip would show late', async () => {
    const asked: string[] = [];
    const answers = (...lines: string[]) =>
      sources({
        ask(question) {
          asked.push(question);
          return Promise.resolve(lines.shift() ?? '');
        },
      });
    expect(texts(await readPair('model', answers('a', 'b')))).toEqual(['a', 'b']);
    expect(asked).toEqual(['Secret: ', 'Salt: ']);
    expect(texts(await readPair('model', answers('a', 'a', 'b', 'b'), true))).toEqual(['a', 'b']);
    await expect(readPair('model', answers('a', 'x'), true)).rejects.toMatchObject({ code: 'wrong-use' });
    await expect(readPair('model', answers('a', ''))).rejects.toMatchObject({ code: 'wrong-use' });
  });
});

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../../schemas/programs/shellWord.ts';

test('a shell reads the word as it is meant, whatever it holds', () => {
  for (const text of ['serving', 'ünï job', "it's", '$HOME; `ls` "x" \\', '', 'a\nb'])
    expect(spawnSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' }).stdout).toBe(text);
});

test('a plain word stays as it is', () => {
  expect(shellWord('serving_2.a-b')).toBe('serving_2.a-b');
});

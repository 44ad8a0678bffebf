import { describe, expect, it } from 'vitest';
import { luaConstants } from '../../../server/src/queue/scripts/luaConstants.ts';
import { luaTexts } from '../../../server/src/queue/scripts/luaTexts.ts';
import { scripts } from '../../../server/src/queue/scripts/scripts.ts';

const texts = Object.entries<string>(luaTexts);
const names = Object.keys(luaConstants);

/** What a text says outside of its texts in quotes. */
const codeOf = (text: string) => text.replace(/'(?:[^'\\]|\\.)*'/g, "''");

describe.each(texts)('the Lua script %s', (_name, text) => {
  it('declares each constant that it names, once and before all else', () => {
    const lines = text.split('\n');
    const declared = lines.flatMap((line) => /^local (\w+) = (?:'|\d|\{ \w+ =)/.exec(line)?.[1] ?? []);
    const named = names.filter((name) => new RegExp(`\\b${name}\\b`).test(codeOf(text)));
    expect(declared.filter((name) => names.includes(name))).toEqual(named);
    expect(lines.slice(0, named.length).map((line) => line.split(' ')[1])).toEqual(named);
  });

  it('defines each function once, also where two of its parts include it', () => {
    const defined = [...text.matchAll(/^local function (\w+)/gm)].map(([, name]) => name);
    expect(defined).toEqual([...new Set(defined)]);
  });

  it('has no comment, which Redis would keep, and no part that was not put in', () => {
    expect(text).not.toMatch(/^\s*--/m);
    expect(text).not.toContain('include');
  });
});

it('scripts with other texts have other digests, by which Redis knows them', () => {
  const digests = Object.values(scripts).map(({ sha }) => sha);
  expect(new Set(digests).size).toBe(texts.length);
  for (const sha of digests) expect(sha).toMatch(/^[\da-f]{40}$/);
});

it('values reach Lua as they are', () => {
  const head = luaTexts.kill.split('\n').slice(0, 12).join('\n');
  expect(head).toContain(`local resultField = '${luaConstants.resultField as string}'`);
  expect(head).toContain(`local maxDeadLetters = ${luaConstants.maxDeadLetters as number}`);
  expect(head).toContain("reason = 'dead-reason'");
});

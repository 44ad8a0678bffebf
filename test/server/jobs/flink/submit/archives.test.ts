import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../../../schemas/errors.ts';
import {
  digestOf,
  factsOf,
  keep,
  packageFolder,
  partsOf,
  zip,
} from '../../../../../server/src/jobs/flink/submit/archives.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archives ü '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe('an archive that is kept', () => {
  let made: number;
  const make = () => Promise.resolve(write(`part-${++made}`, `content ${made}`));
  beforeEach(() => {
    made = 0;
  });

  test('is made once, and has the digest of its content', async () => {
    const first = await keep(folder, 'node', make);
    expect(first).toMatchObject({ file: join(folder, 'node.zip'), bytes: 9, sha256: await digestOf(first.file) });
    expect(await keep(folder, 'node', make)).toEqual(first);
    expect(made).toBe(1);
    expect(existsSync(join(folder, 'part-1'))).toBe(false);
  });

  test.each([
    ['is cut', () => writeFileSync(join(folder, 'node.zip'), 'cut')],
    ['is gone', () => rmSync(join(folder, 'node.zip'))],
    ['has no note', () => rmSync(join(folder, 'node.json'))],
    ['has an empty note', () => writeFileSync(join(folder, 'node.json'), '')],
    ['has half a note', () => writeFileSync(join(folder, 'node.json'), '{"file":"x","sha')],
    ['has a note of another kind', () => writeFileSync(join(folder, 'node.json'), 'null')],
    ['has a note without a digest', () => writeFileSync(join(folder, 'node.json'), '{"bytes":9}')],
    ['has a note of another size', () => writeFileSync(join(folder, 'node.json'), '{"bytes":8,"sha256":"a"}')],
  ])('is made again when it %s', async (_, harm) => {
    await keep(folder, 'node', make);
    harm();
    const again = await keep(folder, 'node', make);
    expect(made).toBe(2);
    expect(again.sha256).toBe(await digestOf(again.file));
    expect(await keep(folder, 'node', make)).toEqual(again);
    expect(made).toBe(2);
  });

  test('is where it is now, wherever its note was written', async () => {
    const { sha256, bytes } = await keep(folder, 'node', make);
    writeFileSync(join(folder, 'node.json'), JSON.stringify({ file: '/elsewhere/node.zip', sha256, bytes }));
    expect((await keep(folder, 'node', make)).file).toBe(join(folder, 'node.zip'));
  });

  test('of another name is another one', async () => {
    await keep(folder, 'a', make);
    await keep(folder, 'b', make);
    expect(made).toBe(2);
  });

  test('that cannot be made leaves none, and the reason is passed on', async () => {
    await expect(keep(folder, 'node', () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
    expect(readdirSync(folder)).toEqual([]);
    await keep(folder, 'node', make);
    expect(made).toBe(1);
  });
});

describe('a zip file', () => {
  test('is the same for the same files, whatever their times and their order', async () => {
    const [a, b] = [write('a', 'first'), write('b', 'second')];
    const one = await digestOf(await zip(folder, 'one', new Map([['x/a', a], ['b', b]])));
    utimesSync(a, new Date(0), new Date(0));
    expect(await digestOf(await zip(folder, 'two', new Map([['b', b], ['x/a', a]])))).toBe(one);
    writeFileSync(b, 'secone');
    expect(await digestOf(await zip(folder, 'three', new Map([['x/a', a], ['b', b]])))).not.toBe(one);
    expect(await digestOf(await zip(folder, 'four', new Map([['x/b', a], ['b', b]])))).not.toBe(one);
  });

  test('that cannot be written leaves nothing behind', async () => {
    const away = join(folder, 'not-there');
    await expect(zip(away, 'x', new Map([['a', write('a', '')]]))).rejects.toMatchObject({ code: 'state-unwritable' });
    expect(existsSync(away)).toBe(false);
  });

  test('of a file that cannot be read leaves nothing behind, and names the file', async () => {
    const gone = join(folder, 'gone');
    write('gone', 'x');
    const making = zip(folder, 'x', new Map([['a', write('a', 'x')], ['gone', gone]]));
    rmSync(gone);
    await expect(making).rejects.toMatchObject({ code: 'flink-program', message: expect.stringContaining(gone) as string });
    expect(readdirSync(folder)).toEqual(['a']);
  });
});

describe('the parts of a package', () => {
  test('are files, and all that is below folders, by their names in the archive', () => {
    for (const name of ['p/a.js', 'p/lib/b.js', 'p/lib/deep/c.js', 'p/other/d.js']) write(name, name);
    const parts = new Map(partsOf(join(folder, 'p'), ['a.js', 'lib'], 'node_modules/p'));
    expect([...parts.keys()].sort()).toEqual([
      'node_modules/p/a.js',
      'node_modules/p/lib/b.js',
      'node_modules/p/lib/deep/c.js',
    ]);
    expect(parts.get('node_modules/p/lib/deep/c.js')).toBe(join(folder, 'p', 'lib', 'deep', 'c.js'));
    expect(partsOf(join(folder, 'p'), ['a.js'], '')).toEqual([['a.js', join(folder, 'p', 'a.js')]]);
  });

  test('are found as a module there would find them, from the innermost folder out', () => {
    mkdirSync(join(folder, 'node_modules', 'x'), { recursive: true });
    mkdirSync(join(folder, 'in', 'node_modules', '@s', 'y'), { recursive: true });
    expect(packageFolder('x', join(folder, 'in'))).toBe(join(folder, 'node_modules', 'x'));
    expect(packageFolder('@s/y', join(folder, 'in'))).toBe(join(folder, 'in', 'node_modules', '@s', 'y'));
    expect(() => packageFolder('@s/y', folder)).toThrow(ServingError);
  });
});

test('what is said of files changes with a size, a time and a name, and with nothing else', () => {
  const file = write('a', 'x');
  const time = new Date(1_700_000_000_000);
  utimesSync(file, time, time);
  const facts = factsOf(new Map([['a', file]]));
  expect(facts).toMatch(/^[0-9a-f]{16}$/);
  expect(factsOf(new Map([['b', file]]))).not.toBe(facts);
  writeFileSync(file, 'xy');
  utimesSync(file, time, time);
  expect(factsOf(new Map([['a', file]]))).not.toBe(facts);
  writeFileSync(file, 'y');
  utimesSync(file, time, time);
  expect(factsOf(new Map([['a', file]]))).toBe(facts);
  utimesSync(file, time, new Date(1_700_000_001_000));
  expect(factsOf(new Map([['a', file]]))).not.toBe(facts);
  expect(statSync(file).size).toBe(1);
});

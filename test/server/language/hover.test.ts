import { describe, expect, test } from 'vitest';
import { configKeys, keyNames } from '../../../schemas/config/configKeys.ts';
import { hover } from '../../../server/src/language/features/hover.ts';
import { atCursor, inMemory } from './world.ts';

const files = inMemory({ '/work/serving/model/a.bin': '', '/work/serving/model/a.xml': '' });

async function text(marked: string): Promise<string | undefined> {
  const { config, offset } = atCursor(marked);
  return (await hover(config, offset, files, 'docs.md'))?.markdown;
}

describe('a hover', () => {
  test('shows for every key its meaning, kind, default, example, current value and where to read on', async () => {
    for (const key of keyNames) {
      const shown = await text(`${key}: $0`);
      for (const part of [
        key,
        configKeys[key].meaning,
        configKeys[key].example,
        'In effect',
        `docs.md#${key}`,
      ])
        expect(shown).toContain(part);
    }
  });

  test('shows where the value comes from', async () => {
    expect(await text('batch$0Size: 8\n')).toContain('`8` (this file)');
    expect(await text('batchSize: $0\n')).toContain('`64` (the default)');
    expect(await text('redis:\n  max$0mem: 1kb\n')).toContain('`1024 bytes` (this file, in its nested form)');
    expect(await text('imageResize: 1,$02\n')).toContain('1 high, 2 wide');
    expect(await text('postProcessing: topN(3$0)\n')).toContain('topN(3)');
    expect(await text('redisUrl: h:$01\n')).toContain('`h:1`');
    expect(await text('kafkaUrl: "[::1]:9092,$0b:1"\n')).toContain('`[::1]:9092,b:1`');
  });

  test.each([
    ['redisMaxMemory: 4 $0g\n', 'cannot be read', '`4000000000 bytes` (the default)'],
    ['modelParallelism: tw$0o\n', 'cannot be read', '`1` (the default)'],
    ['redisUrl: lo$0calhost\n', 'cannot be read', '`localhost:6379` (the default)'],
    ['imageResize: bi$0g\n', 'cannot be read', 'nothing (the default)'],
    ['redisUrl: redis://h$0:1\n', 'In effect', '`redis:1` (this file)'],
    ['batchSize: 4.7$0\n', 'In effect', '`4` (this file)'],
    ['jobName: a$0\njobName: b\n', 'What counts is line 2', '`b`'],
    ['queueUsed: kaf$0ka\n', 'In effect', '`kafka` (this file)'],
  ])('shows what counts in place of a value that does not: %j', async (marked, ...parts) => {
    for (const part of parts) expect(await text(marked)).toContain(part);
  });

  test('shows what coreNumberPerMachine means for the model that is there', async () => {
    const shown = await text('modelPath: model\ncoreNumberPerMachine: 4\nthread$0PerModel: 2\n');
    expect(shown).toContain('`4`, which coreNumberPerMachine makes of it');
  });

  test('never shows a password', async () => {
    expect(await text('redisPassword: hun$0ter2\n')).not.toContain('hunter2');
    expect(await text('redisPassword: hun$0ter2\n')).toContain('***');
  });

  test('shows why a dead key does nothing', async () => {
    expect(await text('perfor$0mance_mode: 1\n')).toContain('no effect');
    expect(await text('model:\n  path: /m\n  inp$0uts: a\n')).toContain('no effect');
  });

  test('on the first line shows why the file is taken for a config', async () => {
    expect(await text('# $0 head\nmodelPath: /m\n')).toContain('modelPath');
    expect(await text('# head\n# $0\nmodelPath: /m\n')).toBeUndefined();
    expect(await text('foo$0: 1\n')).toBeUndefined();
  });
});

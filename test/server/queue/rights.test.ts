import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { deadStream, resultPrefix } from '../../../schemas/redis/redisKeys.ts';
import {
  containerCommands,
  redisRights,
  untriedCommands,
  type Program,
} from '../../../schemas/redis/redisRights.ts';
import { grantLine, missingRights } from '../../../server/src/queue/redis/rights.ts';

const programs = Object.keys(redisRights) as Program[];
const denied = (what: string) =>
  Object.assign(new Error(`NOPERM this user has no permissions ${what}`), { name: 'ReplyError' });

/** A Redis whose user may send all but some commands. It carries nothing out within a transaction. */
function createRedis(mayNot: (command: string, args: readonly string[]) => Error | undefined) {
  const sent: string[][] = [];
  let isOpen = false;
  const redis = {
    call(command: string, ...args: string[]) {
      sent.push([command, ...args]);
      const name = command.toLowerCase();
      const refusal = mayNot(name, args);
      if (refusal) return Promise.reject(refusal);
      if (name === 'multi') isOpen = true;
      else if (name === 'discard') isOpen = false;
      else if (!isOpen) throw new Error(`${name} outside of a transaction`);
      return Promise.resolve('QUEUED');
    },
  };
  return { redis: redis as unknown as Redis, sent, isOpen: () => isOpen };
}

describe('the rights of a user', () => {
  test('that may do everything lack nothing, and nothing is carried out', async () => {
    const { redis, sent, isOpen } = createRedis(() => undefined);
    expect(await missingRights(redis, 'digits', programs)).toEqual([]);
    expect(sent[0]).toEqual(['MULTI']);
    expect(sent.at(-1)).toEqual(['DISCARD']);
    expect(isOpen()).toBe(false);
  });

  test('are tried on names of the job, each command once, and none that cannot be tried', async () => {
    const { redis, sent } = createRedis(() => undefined);
    await missingRights(redis, 'my job', programs);
    const tried = sent.slice(1, -1).map((words) => words.join(' '));
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried.some((text) => text.includes('NAME'))).toBe(false);
    for (const text of tried) expect(untriedCommands).not.toContain(text.split(' ')[0]);
    expect(tried.some((text) => text.includes(deadStream('my job')))).toBe(true);
    expect(tried.some((text) => text.includes(resultPrefix('my job')))).toBe(true);
  });

  test.each(programs)('of the program "%s" are tried for it alone', async (program) => {
    const { redis: one, sent: few } = createRedis(() => undefined);
    const { redis: all, sent: many } = createRedis(() => undefined);
    await missingRights(one, 'digits', [program]);
    await missingRights(all, 'digits', programs);
    expect(few.length).toBeGreaterThan(2);
    for (const words of few) expect(many).toContainEqual(words);
  });

  test('are named by the rule that gives them, with the key', async () => {
    const { redis } = createRedis((command) =>
      command === 'xgroup' ? denied('to run xgroup|create') : undefined,
    );
    const missing = await missingRights(redis, 'digits', programs);
    expect(missing.length).toBeGreaterThan(0);
    for (const { command, name } of missing)
      expect([command, name]).toEqual([expect.stringMatching(/^xgroup\|\w+$/), 'digits']);
  });

  test('are all that is looked at: another error of a command is none of its business', async () => {
    const { redis } = createRedis((command) =>
      command === 'multi' || command === 'discard' ? undefined : new Error('ERR wrong number'),
    );
    expect(await missingRights(redis, 'digits', programs)).toEqual([]);
  });

  test('without MULTI cannot be tried further', async () => {
    const { redis, sent } = createRedis((command) =>
      command === 'multi' ? denied('to run multi') : undefined,
    );
    expect(await missingRights(redis, 'digits', programs)).toEqual([{ command: 'multi', name: undefined }]);
    expect(sent).toHaveLength(1);
    const { redis: lost } = createRedis(() => new Error('Connection is closed.'));
    await expect(missingRights(lost, 'digits', programs)).rejects.toThrow('closed');
  });
});

describe('the line that grants rights', () => {
  /** The words of a line, as redis-cli splits them. */
  const words = (line: string) =>
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
      ([, quoted, plain]) => quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
    );
  /** Whether a pattern of Redis fits a name. */
  const fits = (pattern: string, name: string) =>
    new RegExp(
      `^${pattern.replace(/\\(.)|[.*+?^${}()|[\]\\]/g, (found, escaped?: string) =>
        escaped !== undefined
          ? `\\${escaped}`
          : found === '*'
            ? '[^]*'
            : found === '?'
              ? '[^]'
              : `\\${found}`,
      )}$`,
    ).test(name);
  const keysOf = (line: string) =>
    words(line)
      .filter((word) => word.startsWith('~'))
      .map((word) => word.slice(1));

  test.each(['digits', 'my job', 'a*b', 'a[b]c', 'a\\b', 'tab\tjob', 'quote"job', '猫', 'a$b'])(
    'lets a user at the keys of the job %j',
    (job) => {
      const keys = keysOf(grantLine('worker', job));
      for (const key of [job, deadStream(job), `${resultPrefix(job)}a uri`, 'cluster-serving:workers'])
        expect([key, keys.some((pattern) => fits(pattern, key))]).toEqual([key, true]);
    },
  );

  test.each(['a*b', 'a[b]c', 'digits'])('of the job %j lets it at no key of another one', (job) => {
    const keys = keysOf(grantLine('worker', job));
    for (const key of ['axxb', 'abc', 'digits2', 'other', 'cluster-serving_other:uri'])
      expect([key, keys.some((pattern) => fits(pattern, key))]).toEqual([key, false]);
  });

  test('is for the default user without a name, and names one as it is', () => {
    expect(words(grantLine(undefined, 'j')).slice(0, 4)).toEqual(['ACL', 'SETUSER', 'default', 'on']);
    expect(words(grantLine('a "b" \\', 'j'))[2]).toBe('a "b" \\');
  });

  test('gives each command once, those with parts by their part, and none by category', () => {
    const commands = words(grantLine('u', 'j')).filter((word) => word.startsWith('+'));
    expect(new Set(commands).size).toBe(commands.length);
    expect(commands.some((word) => word.includes('@'))).toBe(false);
    for (const container of containerCommands) expect(commands).not.toContain(`+${container}`);
  });
});

import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ServingError, type ErrorCode } from '../../../schemas/errors.ts';
import {
  RedisTrouble,
  explainCommand,
  explainConnecting,
  isDenied,
} from '../../../server/src/queue/redis/redisTrouble.ts';
import { DeadlineError } from '../../../server/src/queue/redis/withDeadline.ts';

const address = { host: 'h', port: 1, timeoutMs: 5_000 };

/** As the client library throws it: with the whole command. */
function replyError(message: string): Error {
  return Object.assign(new Error(message), {
    name: 'ReplyError',
    command: { name: 'evalsha', args: ['the payload'] },
  });
}

describe('an error reply', () => {
  test.each<[string, ErrorCode]>([
    ['OOM command not allowed when used memory > maxmemory.', 'redis-full'],
    ["READONLY You can't write against a read only replica.", 'redis-replica'],
    ['MASTERDOWN Link with MASTER is down', 'redis-replica'],
    ['LOADING Redis is loading the dataset in memory', 'redis-loading'],
    ['MISCONF Redis is configured to save RDB snapshots', 'redis-refusing'],
    ['NOREPLICAS Not enough good replicas to write.', 'redis-refusing'],
    ['BUSY Redis is busy running a script.', 'redis-refusing'],
    ["NOPERM this user has no permissions to run the 'hset' command", 'redis-rights'],
    ["ERR The user executing the script can't run this command or subcommand", 'redis-rights'],
    ["ERR ACL failure in script: User x has no permissions to run the 'hset' command", 'redis-rights'],
    ['MOVED 1234 127.0.0.1:7001', 'redis-cluster'],
    ['CROSSSLOT Keys in request do not hash to the same slot', 'redis-cluster'],
    ['CLUSTERDOWN Hash slot not served', 'redis-cluster'],
    ['NOAUTH Authentication required.', 'redis-auth'],
    ['ERR Protocol error: invalid bulk length', 'redis-too-large'],
    ['ERR something new', 'redis-failed'],
  ])('%j is %s, in one sentence that says where', (message, code) => {
    const trouble = explainCommand(address, replyError(message));
    expect(trouble).toMatchObject({ code, wasConnected: true });
    expect(trouble.message).toMatch(/^Redis at h:1 [a-z]/);
  });

  test('keeps neither the command nor the arguments that Redis repeats', () => {
    const trouble = explainCommand(
      address,
      replyError("ERR unknown command 'evalsha', with args beginning with: 'the payload' 'more'"),
    );
    expect(inspect(trouble)).not.toContain('payload');
    expect(explainCommand(address, replyError(`ERR ${'x'.repeat(5_000)}`)).message.length).toBeLessThan(300);
  });

  test('distinguishes a missing right from every other error', () => {
    expect(isDenied(replyError('NOPERM no'))).toBe(true);
    expect(isDenied(explainCommand(address, replyError('NOPERM no')))).toBe(true);
    expect(isDenied(replyError('ERR no'))).toBe(false);
    expect(isDenied(new Error('NOPERM no'))).toBe(false);
  });
});

describe('a connection', () => {
  test('that is lost says why only where the system does', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(explainCommand(address, reset)).toMatchObject({
      code: 'redis-lost',
      message: expect.stringContaining('ECONNRESET') as string,
    });
    const closed = explainCommand(address, new Error("Stream isn't writeable"));
    expect(closed).toMatchObject({ code: 'redis-lost' });
    expect(closed.message).not.toContain('Stream');
  });

  test('that does not answer is distinguished from one that could not be opened', () => {
    const late = explainCommand(address, new DeadlineError('x'));
    const never = explainConnecting(address, new DeadlineError('x'));
    expect([late, never].map((error) => error instanceof RedisTrouble && error.wasConnected)).toEqual([
      true,
      false,
    ]);
    expect([late.code, never.code]).toEqual(['redis-timeout', 'redis-timeout']);
  });

  test('that has failed in a sentence already keeps it', () => {
    const known = new ServingError('redis-tls', 'as it was');
    expect(explainCommand(address, known)).toBe(known);
    expect(explainConnecting(address, known)).toBe(known);
  });
});

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isReplyError } from '../redis/redisTrouble.ts';
import { luaTexts } from './luaTexts.ts';

/** A Lua script: Redis runs it whole or not at all, so it is our transaction, at the price of one command a batch. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** Each by the name of its file, whose first lines say what it takes and returns. */
export const scripts = Object.fromEntries(
  Object.entries(luaTexts).map(([name, text]): [string, Script] => [
    name,
    { text, sha: createHash('sha1').update(text).digest('hex') },
  ]),
) as Readonly<Record<keyof typeof luaTexts, Script>>;

/** Runs a script by its digest and sends its text only to a Redis that does not know it yet. */
export async function runScript(
  redis: Redis,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isReplyError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(text, keys.length, ...keys, ...args);
  }
}

/** The same for scripts that return payloads: every string of the reply is bytes. */
export async function runScriptForBytes(
  redis: Redis,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const run = (command: string, what: string) =>
    redis.callBuffer(command, what, keys.length, ...keys, ...args);
  try {
    return await run('EVALSHA', sha);
  } catch (error) {
    if (!isReplyError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return run('EVAL', text);
  }
}

import type { Redis } from 'ioredis';
import {
  answeredChannel,
  deadStream,
  recordSecretsKey,
  resultPrefix,
  secretsKey,
} from '../../../../schemas/redis/redisKeys.ts';
import {
  containerCommands,
  redisRights,
  untriedCommands,
  type Program,
  type Rights,
  type RightsOn,
} from '../../../../schemas/redis/redisRights.ts';
import { isDenied } from './redisTrouble.ts';

/** A command that a user may not send. */
export interface MissingRight {
  /** As Redis's rules name it, for example `xgroup|create`. */
  readonly command: string;
  /** The key or channel; undefined for commands that have none. */
  readonly name: string | undefined;
}

const probe = 'rights-check';

/** Tries each command that these programs need, on names of the job, and changes nothing: within a transaction that is
 *  given up Redis checks the rights of each command and carries none out. Nothing else may use the connection meanwhile. */
export async function missingRights(
  redis: Redis,
  jobName: string,
  programs: readonly Program[],
): Promise<readonly MissingRight[]> {
  const calls = callsOf(programs)
    .filter(({ words: [command = ''] }) => !untriedCommands.includes(command))
    .map(({ on, words }) => ({
      on,
      words: words.map((word) => (word === 'NAME' ? named(on, jobName) : word)),
    }));
  try {
    await redis.call('MULTI');
  } catch (error) {
    if (isDenied(error)) return [{ command: 'multi', name: undefined }];
    throw error;
  }
  const replies = await Promise.allSettled(
    calls.map(({ words: [command = '', ...args] }) => redis.call(command, ...args)),
  );
  await redis.call('DISCARD');
  return calls.flatMap(({ on, words }, i) => {
    const reply = replies[i];
    if (reply?.status !== 'rejected' || !isDenied(reply.reason)) return [];
    return [{ command: ruleOf(words), name: on === 'server' ? undefined : named(on, jobName) }];
  });
}

/** The line that gives a user all that Cluster Serving needs for a job, and nothing more, as `redis-cli` takes it. */
export function grantLine(username: string | undefined, jobName: string): string {
  const programs = Object.keys(redisRights) as Program[];
  const job = pattern(jobName);
  const keys = [
    job,
    deadStream(job),
    `${resultPrefix(job)}*`,
    'cluster-serving:*',
    secretsKey,
    recordSecretsKey,
  ].map((key) => `~${key}`);
  const commands = [...new Set(callsOf(programs).map(({ words }) => ruleOf(words)))].sort();
  const rules = [...keys, `&${answeredChannel(job)}`, ...commands.map((command) => `+${command}`)];
  return ['ACL', 'SETUSER', username ?? 'default', 'on', ...rules].map(word).join(' ');
}

interface Call {
  readonly on: RightsOn;
  readonly words: readonly string[];
}

function callsOf(programs: readonly Program[]): readonly Call[] {
  const calls = new Map<string, Call>();
  for (const program of programs)
    for (const [on, texts] of Object.entries(redisRights[program] as Rights))
      for (const text of texts) calls.set(`${on} ${text}`, { on: on as RightsOn, words: text.split(' ') });
  return [...calls.values()];
}

function named(on: RightsOn, jobName: string): string {
  switch (on) {
    case 'dead':
      return deadStream(jobName);
    case 'result':
      return resultPrefix(jobName) + probe;
    case 'registry':
      return `cluster-serving:${probe}`;
    case 'channel':
      return answeredChannel(jobName);
    case 'secrets':
      return secretsKey;
    case 'recordSecrets':
      return recordSecretsKey;
    default:
      return jobName;
  }
}

function ruleOf([command = '', sub = '']: readonly string[]): string {
  return containerCommands.includes(command) ? `${command}|${sub}` : command;
}

/** Patterns hold no blanks, and some letters mean more than themselves; a question mark stands for any one letter. */
function pattern(name: string): string {
  return name.replace(/[\s\0]/g, '?').replace(/[*[\]\\]/g, '\\$&');
}

/** Quoted where `redis-cli` would split or unquote it. */
function word(text: string): string {
  if (/^[\w~&*:+|?.-]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

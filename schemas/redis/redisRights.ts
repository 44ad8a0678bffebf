/** Every command that each program sends to Redis, itself or within a script, by what it is sent to. From here the start
 *  and the doctor try the rights of a user, and write the line that grants them. */

export type RightsOn =
  'server' | 'stream' | 'dead' | 'result' | 'registry' | 'channel' | 'secrets' | 'recordSecrets';

/** Calls in a form that does nothing even where it is carried out; NAME stands for the key or the channel. */
export type Rights = Readonly<Partial<Record<RightsOn, readonly string[]>>>;

const scripts = ['eval return 0', 'evalsha 0000000000000000000000000000000000000000 0'] as const;

const figures = {
  server: ['ping', 'time', ...scripts],
  stream: [
    'type NAME',
    'xlen NAME',
    'xinfo stream NAME',
    'xinfo groups NAME',
    'xpending NAME rights-check',
    'xrange NAME - + count 1',
  ],
  dead: ['xlen NAME'],
  registry: ['hgetall NAME', 'mget NAME'],
} as const;

export const redisRights = {
  /** A worker of the embedded engine, or of a job on Flink. */
  worker: {
    server: ['ping', 'client id', 'time', 'script load return', ...scripts],
    stream: [
      'exists NAME',
      'type NAME',
      'xreadgroup group rights-check none count 1 streams NAME >',
      'xpending NAME rights-check',
      'xack NAME rights-check 0-1',
      'xclaim NAME rights-check none 0 0-1',
      'xrange NAME - + count 1',
      'xrevrange NAME + - count 1',
      'xdel NAME 0-1',
      'xtrim NAME minid 0-1',
      'xinfo stream NAME',
      'xinfo groups NAME',
      'xinfo consumers NAME rights-check',
      'xgroup create NAME rights-check none',
      'xgroup setid NAME rights-check none',
      'xgroup createconsumer NAME rights-check none',
      'xgroup delconsumer NAME rights-check none',
    ],
    dead: ['xadd NAME 0-0 a b', 'xdel NAME 0-1'],
    result: ['hset NAME value NaN', 'expire NAME 1', 'exists NAME', 'del NAME'],
    registry: [
      'hset NAME a b',
      'hdel NAME a',
      'del NAME',
      'set NAME a px 1',
      'get NAME',
      'setrange NAME 0 rights-check',
    ],
    channel: ['publish NAME rights-check'],
  },
  /** `start`, `stop`, `list`, `queue`, `predict` and the others. */
  commands: {
    server: [...figures.server, 'multi', 'discard'],
    stream: [
      ...figures.stream,
      'exists NAME',
      'xinfo consumers NAME rights-check',
      'xadd NAME 0-0 a b',
      'xdel NAME 0-1',
      'xack NAME rights-check 0-1',
      'xtrim NAME minid 0-1',
      'xgroup create NAME rights-check none',
      'xgroup setid NAME rights-check none',
      'xgroup createconsumer NAME rights-check none',
    ],
    dead: [
      ...figures.dead,
      'xrange NAME - + count 1',
      'xrevrange NAME + - count 1',
      'xadd NAME 0-0 a b',
      'xdel NAME 0-1',
      'unlink NAME',
    ],
    result: ['hget NAME value', 'hset NAME value NaN', 'expire NAME 1', 'del NAME'],
    registry: [
      ...figures.registry,
      'hset NAME a b',
      'hdel NAME a',
      'exists NAME',
      'del NAME',
      'set NAME a px 1',
    ],
    channel: ['publish NAME rights-check'],
  },
  /** The HTTP frontend. */
  http: {
    server: figures.server,
    stream: [...figures.stream, 'xadd NAME 0-0 a b', 'xdel NAME 0-1'],
    dead: figures.dead,
    result: ['hget NAME value', 'del NAME', 'unlink NAME'],
    registry: [
      ...figures.registry,
      'hset NAME a b',
      'hdel NAME a',
      'pexpire NAME 1',
      'get NAME',
      'del NAME',
      'setrange NAME 0 rights-check',
    ],
    channel: ['subscribe NAME'],
    secrets: ['hset NAME a b'],
  },
  /** All of these, for a job whose model is encrypted. */
  modelSecret: { secrets: ['hmget NAME secret'] },
  /** All of these, for a job whose records are. */
  recordSecret: { recordSecrets: ['hmget NAME secret'] },
  /** `secret set`. */
  secrets: { secrets: ['hset NAME a b'], recordSecrets: ['hset NAME a b'] },
} as const satisfies Readonly<Record<string, Rights>>;

export type Program = keyof typeof redisRights;

/** Commands whose first argument is a command of their own: Redis grants each of these by itself. */
export const containerCommands: readonly string[] = ['client', 'script', 'xgroup', 'xinfo'];

/** A connection that has subscribed takes no other command, so these are granted and not tried. */
export const untriedCommands: readonly string[] = ['subscribe', 'multi', 'discard'];

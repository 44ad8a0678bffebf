import { heartbeatTtlMs } from '../../../../schemas/redis/redisKeys.ts';
import { groupFunction, nowFunction, script } from './scripts.ts';

/* What programs say of themselves in Redis. Each begins with a delete, which lets it through when Redis is full. */

/** Takes a lock unless it is held; works when Redis is full. KEYS: lock. ARGV: holder, ms. */
export const lockScript = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** Sets a field of a hash; works when Redis is full. KEYS: hash. ARGV: field, value. */
export const setFieldScript = script(`
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
`);

/** All that Redis knows of a worker beside its records, written again: whatever of it is gone, after a flush or a restart
 *  without the data, is there again.
 *  KEYS: heartbeat, workers, stop, stream, and, for a worker that can reload, reload. ARGV: worker id, registration, heartbeat or '' before the first, ms to live,
 *  group, consumer, and as in `makeGroupScript`.
 *  Returns whether the worker was asked to stop, Redis's time in ms, the id up to which all is acknowledged, and the reload that it
 *  was asked for. A stream that cannot be had is none of its
 *  business: the reads meet the same trouble, and say it. */
export const renewScript = script(`
${groupFunction}
${nowFunction}
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
local kind, acknowledged = redis.call('TYPE', KEYS[4]).ok, '0-0'
if kind == 'stream' or kind == 'none' then
  makeGroup(KEYS[4], ARGV[5], ARGV[6], ARGV[7])
  acknowledged = acknowledgedBy(KEYS[4], ARGV[5])
end
local reload = KEYS[5] and redis.call('GET', KEYS[5])
if reload then redis.call('DEL', KEYS[5]) end
return { redis.call('GET', KEYS[3]) and 1 or 0, string.format('%.0f', now()), acknowledged, reload or '' }
`);

/** Lua: whether an entry of the frontends is still true; one that is broken, or ends later than any can, is not. */
const livesFunction = `
${nowFunction}
local function lives(value)
  local untilMs = tonumber(string.match(value, '^(%d+) ') or 0)
  return untilMs >= now() and untilMs <= now() + ${2 * heartbeatTtlMs}
end
`;

/** Says that an HTTP frontend lives, forgets those that have not said so in time, and returns whether this one was asked to
 *  stop. KEYS: frontends, stop. ARGV: id, JSON, ms to live. The delete lets it through when Redis is full, like `finishScript`. */
export const frontendScript = script(`
${livesFunction}
redis.call('HDEL', KEYS[1], ARGV[1])
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if not lives(all[i + 1]) then redis.call('HDEL', KEYS[1], all[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now() + ARGV[3]) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('GET', KEYS[2])
`);

/** The HTTP frontends that live. KEYS: frontends. Returns the id and the JSON of each, in turn. */
export const frontendsScript = script(`
${livesFunction}
local living, all = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if lives(all[i + 1]) then
    living[#living + 1] = all[i]
    living[#living + 1] = string.match(all[i + 1], '^%d+ (.*)$') or ''
  end
end
return living
`);

-- All that Redis knows of a worker beside its records, written again: whatever of it is gone, after a flush or a
-- restart without the data, is there again.
-- KEYS: heartbeat, workers, stop, stream, and, for a worker that can reload, reload. ARGV: worker id,
-- registration, heartbeat or '' before the first, ms to live, group, consumer, and as in makeGroup.lua.
-- Returns whether the worker was asked to stop, Redis's time in ms, the id up to which all is acknowledged, and
-- the reload that it was asked for. A stream that cannot be had is none of its business: the reads meet the same
-- trouble, and say it.
-- include shared/group.lua
-- include shared/now.lua
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

-- Says that an HTTP frontend lives, forgets those that have not said so in time, and returns whether this one was
-- asked to stop. KEYS: frontends, stop. ARGV: id, JSON, ms to live. The delete lets it through when Redis is full,
-- like finish.lua.
-- include shared/lives.lua
redis.call('HDEL', KEYS[1], ARGV[1])
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if not lives(all[i + 1]) then redis.call('HDEL', KEYS[1], all[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now() + ARGV[3]) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('GET', KEYS[2])

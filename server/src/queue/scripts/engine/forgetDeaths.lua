-- Forgets the deaths that count against records which are answered now: something else was their cause, which is
-- noted.
-- KEYS: the hash runsKey. ARGV: fields of the hash. The delete lets it through when Redis is full, like
-- finish.lua.
-- include shared/stray.lua
local stray = 0
for _, field in ipairs(ARGV) do
  stray = stray + math.max(0, tonumber(redis.call('HGET', KEYS[1], field)) or 0)
  redis.call('HDEL', KEYS[1], field)
end
if stray == 0 then return end
stray = math.min(maxStrayDeaths, stray + readStray(KEYS[1]))
redis.call('HSET', KEYS[1], strayField, string.format('%d %d', stray, now()))

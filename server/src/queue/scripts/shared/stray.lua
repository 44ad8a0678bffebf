-- How many workers died lately with a record alone in their model that was not the cause.
-- include shared/now.lua
local function readStray(runs)
  local count, at = string.match(redis.call('HGET', runs, strayField) or '', '^(%d+) (%d+)$')
  if not count or now() - tonumber(at) > strayMemoryMs then return 0 end
  return tonumber(count)
end

-- The HTTP frontends that live. KEYS: frontends. Returns the id and the JSON of each, in turn.
-- include shared/lives.lua
local living, all = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if lives(all[i + 1]) then
    living[#living + 1] = all[i]
    living[#living + 1] = string.match(all[i + 1], '^%d+ (.*)$') or ''
  end
end
return living

-- Removes records that no worker was given yet. KEYS: stream. ARGV: group, ids. Returns how many.
-- include shared/ids.lua
local last = '0-0'
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] then last = group['last-delivered-id'] end
end
local removed = 0
for i = 2, #ARGV do
  if less(last, ARGV[i]) then removed = removed + redis.call('XDEL', KEYS[1], ARGV[i]) end
end
return removed

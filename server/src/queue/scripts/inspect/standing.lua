-- Where an entry of the stream stands. KEYS: stream. ARGV: group, id.
-- Returns 'waiting', 'answered', or consumer, idle ms and deliveries of one that is pending.
-- include shared/ids.lua
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
    if pending then return { pending[2], pending[3], pending[4] } end
    if not less(group['last-delivered-id'], ARGV[2]) then return 'answered' end
  end
end
return 'waiting'

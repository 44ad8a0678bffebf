

local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function less(a, b)
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  return ams < bms or (ams == bms and aseq < bseq)
end

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local keep
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  local first
  if group['pending'] > 0 then
    first = redis.call('XPENDING', KEYS[1], group['name'], '-', '+', 1)[1][1]
  else
    local ms, seq = parts(group['last-delivered-id'])
    first = string.format('%.0f-%.0f', ms, seq + 1)
  end
  if not keep or less(first, keep) then keep = first end
end
if not keep then return 0 end
if ARGV[1] ~= '0' then return redis.call('XTRIM', KEYS[1], 'MINID', '~', keep, 'LIMIT', ARGV[1]) end
return redis.call('XTRIM', KEYS[1], 'MINID', keep)

-- Frees the entries that every group of the stream has acknowledged.
-- KEYS: stream. ARGV: how many at most, so that Redis is not busy for long; 0 is all of them. Returns how many. An
-- entry is acknowledged by a group when the group has read past it and it is not pending there.
-- include shared/ids.lua
-- The id after this one. The sequence ends where 64 bits do.
local function nextId(id)
  local ms, seq = parts(id)
  local digits = { string.byte(seq, 1, -1) }
  for d = #digits, 1, -1 do
    if digits[d] < 57 then
      digits[d] = digits[d] + 1
      return ms .. '-' .. string.char(unpack(digits))
    end
    digits[d] = 48
  end
  return ms .. '-1' .. string.char(unpack(digits))
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
    first = group['last-delivered-id']
    if string.sub(first, -21) ~= '-18446744073709551615' then first = nextId(first) end
  end
  if not keep or less(first, keep) then keep = first end
end
if not keep then return 0 end
if ARGV[1] ~= '0' then return redis.call('XTRIM', KEYS[1], 'MINID', '~', keep, 'LIMIT', ARGV[1]) end
return redis.call('XTRIM', KEYS[1], 'MINID', keep)

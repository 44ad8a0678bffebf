local function parts(id) return string.match(id, '^(%d+)-(%d+)$') end
local function before(a, b)
  if #a ~= #b then return #a < #b end
  return a < b
end
local find = string.find
local function less(a, b)
  if #a == #b and find(a, '-', 1, true) == find(b, '-', 1, true) then return a < b end
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  if ams ~= bms then return before(ams, bms) end
  return before(aseq, bseq)
end
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

-- A page of pending records in order of their ids. The names of the records are returned until a number of bytes
-- was read for them: a record is read as a whole, and large ones would keep Redis busy.
-- KEYS: stream. ARGV: group, id after which the page begins ('' for the first), records, bytes.
-- Returns for each id, consumer, idle ms, deliveries, uri or nil.
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local entries = redis.pcall('XPENDING', KEYS[1], ARGV[1], from, '+', ARGV[3])
if entries.err then
  if string.sub(entries.err, 1, 7) == 'NOGROUP' then return {} end
  return entries
end
local read = 0
for _, one in ipairs(entries) do
  one[5] = false
  if read < tonumber(ARGV[4]) then
    local entry = redis.call('XRANGE', KEYS[1], one[1], one[1])[1]
    local fields = entry and entry[2] or {}
    for f = 1, #fields, 2 do
      read = read + #fields[f + 1]
      if fields[f] == 'uri' then one[5] = fields[f + 1] end
    end
  end
end
return entries

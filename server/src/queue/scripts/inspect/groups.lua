-- The groups of a stream and their consumers, those with most records in flight first.
-- KEYS: stream. ARGV: how many consumers of a group to return.
-- Returns the stream's length and, for each group, name, pending, lag (-1: unknown), number of consumers, and for
-- each consumer name, pending, idle ms.
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return { 0, {} } end
local function map(reply)
  local found = {}
  for i = 1, #reply, 2 do found[reply[i]] = reply[i + 1] end
  return found
end
local groups = {}
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group, consumers = map(reply), {}
  for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], group['name'])) do
    local consumer = map(one)
    consumers[#consumers + 1] = { consumer['name'], consumer['pending'], consumer['idle'] }
  end
  table.sort(consumers, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[3] < b[3]
  end)
  local count = #consumers
  while #consumers > tonumber(ARGV[1]) do consumers[#consumers] = nil end
  groups[#groups + 1] = { group['name'], group['pending'], group['lag'] or -1, count, consumers }
end
return { redis.call('XLEN', KEYS[1]), groups }

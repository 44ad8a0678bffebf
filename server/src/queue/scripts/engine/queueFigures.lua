-- The figures of a queue, each in O(1). KEYS: stream, dead-letter stream. ARGV: group.
-- Returns waiting, pending, dead, age of the oldest unanswered entry in ms, entries ever added (-1: Redis does not
-- report it). The age comes from the entry's id, which begins with the time at which Redis was given it.
-- include shared/now.lua
local dead = redis.call('XLEN', KEYS[2])
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return { 0, 0, dead, 0, -1 } end
local length = redis.call('XLEN', KEYS[1])
local added = -1
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'entries-added' then added = info[i + 1] end
end
local waiting, pending, last = length, 0, '0-0'
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] then
    pending = group['pending']
    last = group['last-delivered-id']
    waiting = group['lag'] or math.max(0, length - pending)
  end
end
local oldest
if pending > 0 then oldest = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1)[1][1] end
if not oldest then
  local entry = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)[1]
  if entry then oldest = entry[1] else waiting = 0 end
end
local age = 0
if oldest then age = now() - string.match(oldest, '^%d+') end
-- Such a time its client has chosen.
if age > maxWaitMs then age = 0 end
return { waiting, pending, dead, age, added }

-- Passes over all that waits: the group goes on after the last entry. KEYS: stream. ARGV: group, consumer to make.
-- Returns 1, or 0 if there is no stream. A group without a consumer would be set back by the next worker (see
-- makeGroup.lua), so it is given one, which workers remove later.
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return 0 end
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '$')
if type(made) == 'table' and made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
local added
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'entries-added' then added = info[i + 1] end
end
-- Redis 7 counts what a group has read, and would not know how far behind it is.
if added then
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '$', 'ENTRIESREAD', added)
else
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '$')
end
if #redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1]) == 0 then
  redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return 1

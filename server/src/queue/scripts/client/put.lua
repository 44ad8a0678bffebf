-- Puts records into a stream: one command, whatever their number. KEYS: stream. ARGV: for each record how many
-- values its fields are, ms until its deadline, then the fields, names and values in turn. The deadline is written
-- by Redis's clock, which is the one that workers go by.
-- Returns the ids of the entries, in order. A Redis at its maxmemory refuses the first write and so the whole.
-- include shared/now.lua
local ids = {}
local i = 1
while i <= #ARGV do
  local size, deadline = tonumber(ARGV[i]), string.format('%.0f', now() + ARGV[i + 1])
  local fields = { unpack(ARGV, i + 2, i + 1 + size) }
  fields[#fields + 1] = deadlineField
  fields[#fields + 1] = deadline
  ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', unpack(fields))
  i = i + 2 + size
end
return ids

-- A page of dead letters, the newest first, without their payloads; shorter when these are large.
-- KEYS: dead-letter stream. ARGV: id before which the page begins ('' for the newest), records, bytes.
-- Returns whether there are more, and the entries.
-- include shared/page.lua
local from = ARGV[1] == '' and '+' or '(' .. ARGV[1]
return page(function(id)
  return redis.call('XREVRANGE', KEYS[1], id and '(' .. id or from, '-', 'COUNT', 1)[1]
end, tonumber(ARGV[2]), tonumber(ARGV[3]))

-- A page of records that wait, in order of their ids, without their payloads; shorter when these are large.
-- KEYS: stream. ARGV: group, id after which the page begins ('' for the first), records, bytes.
-- Returns whether there are more, and the entries.
-- include shared/page.lua
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0, {} } end
local after = ARGV[2]
if after == '' then
  after = '0-0'
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == ARGV[1] then after = group['last-delivered-id'] end
  end
end
return page(function(id)
  return redis.call('XRANGE', KEYS[1], '(' .. (id or after), '+', 'COUNT', 1)[1]
end, tonumber(ARGV[3]), tonumber(ARGV[4]))

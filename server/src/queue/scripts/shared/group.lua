-- Makes the consumer group and our consumer in it, where they are not there. The original's Python client makes
-- the group at the stream's end, so that what was put in before would be skipped: one that no consumer has ever
-- read from is set back. The group begins behind acknowledged, if the stream has come so far: an older stream of
-- this name may have.
-- include shared/ids.lua
local function makeGroup(stream, name, consumer, acknowledged)
  local from = '0-0'
  if acknowledged and redis.call('TYPE', stream).ok == 'stream' then
    local info = redis.call('XINFO', 'STREAM', stream)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' and not less(info[i + 1], acknowledged) then from = acknowledged end
    end
  end
  local made = redis.pcall('XGROUP', 'CREATE', stream, name, from, 'MKSTREAM')
  if made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == name and group['consumers'] == 0 and group['pending'] == 0 then
      redis.call('XGROUP', 'SETID', stream, name, from)
    end
  end
  redis.call('XGROUP', 'CREATECONSUMER', stream, name, consumer)
end
-- The last entry up to which the group has acknowledged all.
local function acknowledgedBy(stream, name)
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == name then
      if group['pending'] == 0 then return group['last-delivered-id'] end
      local first = redis.call('XPENDING', stream, name, '-', '+', 1)[1][1]
      local entry = redis.call('XREVRANGE', stream, '(' .. first, '-', 'COUNT', 1)[1]
      return entry and entry[1] or '0-0'
    end
  end
  return '0-0'
end

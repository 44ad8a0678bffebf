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
redis.call('DEL', KEYS[2])
return makeGroup(KEYS[1], ARGV[1], ARGV[2], ARGV[3])

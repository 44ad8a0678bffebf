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
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
local kind, acknowledged = redis.call('TYPE', KEYS[4]).ok, '0-0'
if kind == 'stream' or kind == 'none' then
  makeGroup(KEYS[4], ARGV[5], ARGV[6], ARGV[7])
  acknowledged = acknowledgedBy(KEYS[4], ARGV[5])
end
local reload = KEYS[5] and redis.call('GET', KEYS[5])
if reload then redis.call('DEL', KEYS[5]) end
return { redis.call('GET', KEYS[3]) and 1 or 0, string.format('%.0f', now()), acknowledged, reload or '' }

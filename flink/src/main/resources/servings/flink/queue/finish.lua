local answeredPrefix = 'cluster-serving:answered:'
local askedOverHttp = 'http-'
local deadFields = { reason = 'dead-reason', time = 'dead-time', deliveries = 'dead-deliveries', id = 'dead-id', worker = 'dead-worker' }
local maxDeadLetters = 10000
local maxKeptWords = 2000
local maxToldBytes = 65536
local resultField = 'value'
local function bury(letters, id, fields, time, reason, deliveries, worker)
  local kept = {}
  for f = 1, math.min(#fields, maxKeptWords) do kept[f] = fields[f] end
  for _, word in ipairs({
    deadFields.reason, reason, deadFields.time, time, deadFields.deliveries, deliveries, deadFields.id, id
  }) do kept[#kept + 1] = word end
  if worker ~= '' then
    kept[#kept + 1] = deadFields.worker
    kept[#kept + 1] = worker
  end
  return redis.pcall('XADD', letters, 'MAXLEN', '~', maxDeadLetters, '*', unpack(kept))
end
local function errorOf(reply) return type(reply) == 'table' and reply.err or nil end
local function isWrongType(err) return string.find(err, 'WRONGTYPE', 1, true) ~= nil end
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
local call, stream, group = redis.call, KEYS[1], ARGV[1]
local prefix, ttl, records = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
call('XACK', stream, group, '0-0')
local pending, first, last = {}, nil, nil
local function readPending(from, to, count)
  local entries = redis.pcall('XPENDING', stream, group, from, to, count)
  if entries.err then return entries end
  for _, entry in ipairs(entries) do pending[entry[1]] = entry[4] end
end
for n = 1, records do
  local id = ARGV[4 + 3 * n]
  if not last then first, last = id, id
  elseif less(last, id) then last = id
  elseif less(id, first) then first = id end
end
local failed = records > 0 and readPending(first, last, 2 * records)
if failed then
  if string.sub(failed.err, 1, 7) == 'NOGROUP' then return 0 end
  return failed
end
local function giveUp(id, reason, deliveries)
  local entry = call('XRANGE', stream, id, id)[1]
  local letter = bury(KEYS[2], id, entry and entry[2] or {}, ARGV[4], reason, deliveries, ARGV[6])
  local err = errorOf(letter)
  if err and not isWrongType(err) then return err end
  return nil, not err and letter
end
local function write(key, value)
  local err = errorOf(redis.pcall('HSET', key, resultField, value))
  if err or ttl == 0 then return err end
  err = errorOf(redis.pcall('EXPIRE', key, ttl))
  if err then redis.pcall('DEL', key) end
  return err
end
local function answer(id, uri, value, up)
  local err, letter
  if up then
    err, letter = giveUp(id, ARGV[up + 1], ARGV[up + 2])
    if err then return err end
  end
  if uri == '' then return end
  err = write(prefix .. uri, value)
  if not err then return end
  if isWrongType(err) then return giveUp(id, 'the result could not be written: ' .. err, pending[id]) end
  if letter then redis.pcall('XDEL', KEYS[2], letter) end
  return err
end
local givenUp = {}
for i = 7 + 3 * records, #ARGV, 3 do givenUp[tonumber(ARGV[i])] = i end
local done, announced, refused = {}, {}, nil
for n = 1, records do
  local i = 4 + 3 * n
  local id, uri, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if not pending[id] then readPending(id, id, 1) end
  if pending[id] then
    refused = answer(id, uri, value, givenUp[n])
    if refused then break end
    pending[id] = nil
    done[#done + 1] = id
    if string.sub(uri, 1, #askedOverHttp) == askedOverHttp then
      local sent = #value <= maxToldBytes and value or ''
      announced[#announced + 1] = uri .. '\n' .. #sent .. '\n' .. sent
    end
  end
end
local function inPages(command)
  for from = 1, #done, 1000 do command(unpack(done, from, math.min(#done, from + 999))) end
end
inPages(function(...) call('XACK', stream, group, ...) end)
if #done > 0 and #call('XINFO', 'GROUPS', stream) == 1 then
  local oldest = call('XPENDING', stream, group, '-', '+', 1)[1]
  if oldest and not less(last, oldest[1]) then
    inPages(function(...) redis.pcall('XDEL', stream, ...) end)
  else
    redis.pcall('XTRIM', stream, 'MINID', last)
    redis.pcall('XDEL', stream, last)
  end
end
if #announced > 0 then redis.pcall('PUBLISH', answeredPrefix .. stream, table.concat(announced)) end
if refused then return redis.error_reply(refused) end
return #done



local function bury(letters, id, fields, time, reason, deliveries, worker)
  fields[#fields + 1] = 'dead-reason'
  fields[#fields + 1] = reason
  fields[#fields + 1] = 'dead-time'
  fields[#fields + 1] = time
  fields[#fields + 1] = 'dead-deliveries'
  fields[#fields + 1] = deliveries
  fields[#fields + 1] = 'dead-id'
  fields[#fields + 1] = id
  if worker ~= '' then
    fields[#fields + 1] = 'dead-worker'
    fields[#fields + 1] = worker
  end
  redis.call('XADD', letters, 'MAXLEN', '~', 10000, '*', unpack(fields))
end

local call, stream, group = redis.call, KEYS[1], ARGV[1]
local function giveUp(id, reason, deliveries)
  local entry = call('XRANGE', stream, id, id)[1]
  bury(KEYS[2], id, entry and entry[2] or {}, ARGV[4], reason, deliveries, ARGV[6])
end
local prefix, ttl, records = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local givenUp = {}
for i = 7 + 3 * records, #ARGV, 3 do givenUp[tonumber(ARGV[i])] = i end
local finished, told = 0, {}
for n = 1, records do
  local i = 4 + 3 * n
  local id, uri = ARGV[i], ARGV[i + 1]
  if call('XACK', stream, group, id) == 1 then
    finished = finished + 1
    local up = givenUp[n]
    if up then giveUp(id, ARGV[up + 1], ARGV[up + 2]) end
    if uri ~= '' then
      local key, value = prefix .. uri, ARGV[i + 2]
      local written = redis.pcall('HSET', key, 'value', value)
      if type(written) == 'table' and written.err then
        giveUp(id, 'the result could not be written: ' .. written.err, '1')
      elseif ttl > 0 then
        call('EXPIRE', key, ttl)
      end
      if string.sub(uri, 1, 5) == 'http-' then
        local sent = #value <= 65536 and value or ''
        told[#told + 1] = uri .. '\n' .. #sent .. '\n' .. sent
      end
    end
  end
end
if #told > 0 then call('PUBLISH', 'cluster-serving:answered:' .. stream, table.concat(told)) end
return finished

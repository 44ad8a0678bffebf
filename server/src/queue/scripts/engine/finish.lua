-- Writes results and acknowledges their records.
-- KEYS: stream, dead-letter stream. ARGV: group, result prefix, seconds to keep a result (0: for ever), time in
-- ms, how many records, the consumer that answers; for each record id, uri, value; then for each one given up its
-- number from 1, the reason, its deliveries.
-- Returns how many this worker still had to answer. Results asked for over HTTP are also published on the job's
-- channel, so that no frontend needs to poll or to fetch it; nothing depends on that message being heard.
--
-- Only a record that is still pending is answered: so one that two workers hold after a take-over gets one visible
-- result. It is acknowledged after its result is there: where Redis refuses the write, the record stays pending,
-- those before it are done, and the script ends with Redis's error. It begins with an acknowledgement of nothing:
-- Redis checks its memory before a script's first write only, so at its maxmemory the script still finishes, and
-- the trim that follows frees more than the result took. Where no other group reads the stream an answered entry
-- goes at once: a group that is destroyed and made again then finds exactly what is not answered.
-- include shared/bury.lua
-- include shared/ids.lua
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
-- Returns the error of a Redis that refuses it.
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
    -- All up to here is answered: to cut the stream's beginning off costs less than to look each entry up.
    redis.pcall('XTRIM', stream, 'MINID', last)
    redis.pcall('XDEL', stream, last)
  end
end
if #announced > 0 then redis.pcall('PUBLISH', answeredPrefix .. stream, table.concat(announced)) end
if refused then return redis.error_reply(refused) end
return #done

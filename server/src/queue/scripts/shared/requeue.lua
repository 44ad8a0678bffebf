-- Puts one dead letter back. Its original fields go to the end of the stream, but not the deadline until which a
-- client waited: that has passed or was answered, and the record would be thrown away. The NaN that its client may
-- not have read yet goes, since a result is to come; any other result stays. The first write is refused by a Redis
-- that is full, and then nothing has changed.
local left = { [deadlineField] = true, [sharedByField] = true }
for _, name in pairs(deadFields) do left[name] = true end
local function requeue(stream, letters, prefix, letter)
  local fields, uri, times = {}, nil, 0
  for f = 1, #letter[2], 2 do
    local name, value = letter[2][f], letter[2][f + 1]
    if name == requeuedField then times = string.match(value, '^%d%d?%d?%d?%d?%d?$') or 0
    elseif not left[name] then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
    if name == 'uri' then uri = value end
  end
  fields[#fields + 1] = requeuedField
  fields[#fields + 1] = times + 1
  redis.call('XADD', stream, '*', unpack(fields))
  redis.call('XDEL', letters, letter[1])
  if uri and redis.pcall('HGET', prefix .. uri, resultField) == unanswerable then
    redis.call('DEL', prefix .. uri)
  end
end

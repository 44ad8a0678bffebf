-- Puts one dead letter back. Its original fields go to the end of the stream, but not the deadline until which a
-- client waited: that has passed or was answered, and the record would be thrown away. The NaN that its client may
-- not have read yet goes, since a result is to come; any other result stays. The first write is refused by a Redis
-- that is full, and then nothing has changed. If that takes back a kill, the record is as it was: it keeps its
-- deadline, and the count of how often it was put back. Returns the record's id, 1 if a NaN went, and the names and
-- values that were left out.
local left = { [deadlineField] = true, [sharedByField] = true }
local isOfLetter = {}
for _, name in pairs(deadFields) do isOfLetter[name] = true end
local function requeue(stream, letters, prefix, letter, isUndo)
  local fields, words, uri, times = {}, {}, nil, 0
  for f = 1, #letter[2], 2 do
    local name, value = letter[2][f], letter[2][f + 1]
    local stays = not isOfLetter[name] and (isUndo or not left[name])
    if name == requeuedField and not isUndo then
      times = string.match(value, '^%d%d?%d?%d?%d?%d?$') or 0
      stays = false
    end
    local list = stays and fields or words
    list[#list + 1] = name
    list[#list + 1] = value
    if name == 'uri' then uri = value end
  end
  if not isUndo then
    fields[#fields + 1] = requeuedField
    fields[#fields + 1] = times + 1
  end
  local id = redis.call('XADD', stream, '*', unpack(fields))
  redis.call('XDEL', letters, letter[1])
  if uri and redis.pcall('HGET', prefix .. uri, resultField) == unanswerable then
    redis.call('DEL', prefix .. uri)
    return { id, 1, words }
  end
  return { id, 0, words }
end

-- Takes back that dead letters were put back: the records that no worker was given yet are letters again, as they
-- were. KEYS: stream, dead-letter stream. ARGV: group, result prefix, seconds to keep a result (0: for ever); then for
-- each its id in the stream, 1 if its client had a NaN to read, the number of words, and the words that
-- shared/requeue.lua had left out. Returns for each 'back', 'taken' or 'missing'.
-- include shared/handedOut.lua
-- include shared/ids.lua
local last = handedOut(KEYS[1], ARGV[1])
local outcomes, i = {}, 4
while i <= #ARGV do
  local id, hadNaN, size = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  if not entry then outcomes[#outcomes + 1] = 'missing'
  elseif last and not less(last, id) then outcomes[#outcomes + 1] = 'taken'
  else
    local fields, uri = {}, nil
    for f = 1, #entry[2], 2 do
      if entry[2][f] ~= requeuedField then
        fields[#fields + 1] = entry[2][f]
        fields[#fields + 1] = entry[2][f + 1]
      end
      if entry[2][f] == 'uri' then uri = entry[2][f + 1] end
    end
    for w = i + 3, i + 2 + size do fields[#fields + 1] = ARGV[w] end
    -- A full Redis refuses this, and then nothing of this record has changed.
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', maxDeadLetters, '*', unpack(fields))
    redis.call('XDEL', KEYS[1], id)
    if hadNaN == '1' and uri and not redis.pcall('HGET', ARGV[2] .. uri, resultField) then
      redis.call('HSET', ARGV[2] .. uri, resultField, unanswerable)
      if tonumber(ARGV[3]) > 0 then redis.call('EXPIRE', ARGV[2] .. uri, ARGV[3]) end
    end
    outcomes[#outcomes + 1] = 'back'
  end
  i = i + 3 + size
end
return outcomes

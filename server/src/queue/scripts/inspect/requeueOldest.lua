-- Puts the oldest dead letters back, up to a number of them or of bytes.
-- KEYS: stream, dead-letter stream. ARGV: result prefix, newest id to take, records, bytes. Returns of each what
-- shared/requeue.lua returns.
-- include shared/requeue.lua
local done, moved = {}, 0
while #done < tonumber(ARGV[3]) and moved < tonumber(ARGV[4]) do
  local letter = redis.call('XRANGE', KEYS[2], '-', ARGV[2], 'COUNT', 1)[1]
  if not letter then break end
  for f = 2, #letter[2], 2 do moved = moved + #letter[2][f] end
  done[#done + 1] = requeue(KEYS[1], KEYS[2], ARGV[1], letter)
end
return done

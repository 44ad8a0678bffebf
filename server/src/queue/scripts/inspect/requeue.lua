-- Puts dead letters back into the stream. KEYS: stream, dead-letter stream. ARGV: result prefix, ids.
-- Returns for each id what shared/requeue.lua returns, or nothing if there is no such letter.
-- include shared/requeue.lua
local done = {}
for i = 2, #ARGV do
  local letter = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])[1]
  done[i - 1] = letter and requeue(KEYS[1], KEYS[2], ARGV[1], letter) or {}
end
return done

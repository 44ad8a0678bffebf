-- Takes back that records were made dead letters: they go to the end of the stream as they were. One whose client has
-- read its NaN stays dead. KEYS: stream, dead-letter stream. ARGV: result prefix, ids of letters.
-- Returns for each 'back', 'read' or 'missing'.
-- include shared/requeue.lua
local outcomes = {}
for i = 2, #ARGV do
  local letter = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])[1]
  local uri
  for f = 1, letter and #letter[2] or 0, 2 do if letter[2][f] == 'uri' then uri = letter[2][f + 1] end end
  if not letter then outcomes[i - 1] = 'missing'
  elseif uri and redis.pcall('HGET', ARGV[1] .. uri, resultField) ~= unanswerable then outcomes[i - 1] = 'read'
  else
    requeue(KEYS[1], KEYS[2], ARGV[1], letter, true)
    outcomes[i - 1] = 'back'
  end
end
return outcomes

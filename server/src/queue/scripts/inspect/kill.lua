-- Takes records out of the queue: they become dead letters, and their clients get NaN.
-- KEYS: stream, dead-letter stream. ARGV: group, result prefix, seconds to keep a result (0: for ever), time in
-- ms, reason, ids. Returns for each the id of its letter, 'answered' or 'missing'. One that is in flight is acknowledged, so
-- the worker's result is dropped. One that waits is deleted from the stream, since a group cannot pass over a single
-- entry.
-- include shared/bury.lua
-- include shared/handedOut.lua
-- include shared/ids.lua
local outcomes, last = {}, handedOut(KEYS[1], ARGV[1])
for i = 6, #ARGV do
  local id = ARGV[i]
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  local pending = last and entry and redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1)[1]
  if not entry then outcomes[i - 5] = 'missing'
  elseif not pending and last and not less(last, id) then outcomes[i - 5] = 'answered'
  else
    local uri
    for f = 1, #entry[2], 2 do if entry[2][f] == 'uri' then uri = entry[2][f + 1] end end
    -- A write that does nothing, before which Redis checks its memory; what is refused later leaves the record as it is.
    redis.call('XDEL', KEYS[1], '0-0')
    local letter = bury(KEYS[2], id, entry[2], ARGV[4], ARGV[5], pending and pending[4] or 0, pending and pending[2] or '')
    if errorOf(letter) then return letter end
    if pending then redis.call('XACK', KEYS[1], ARGV[1], id) else redis.call('XDEL', KEYS[1], id) end
    if uri then
      local written = redis.pcall('HSET', ARGV[2] .. uri, resultField, unanswerable)
      if type(written) ~= 'table' and tonumber(ARGV[3]) > 0 then redis.call('EXPIRE', ARGV[2] .. uri, ARGV[3]) end
      if string.sub(uri, 1, #askedOverHttp) == askedOverHttp then
        redis.pcall('PUBLISH', answeredPrefix .. KEYS[1], uri .. '\n' .. unanswerable)
      end
    end
    outcomes[i - 5] = letter
  end
end
return outcomes

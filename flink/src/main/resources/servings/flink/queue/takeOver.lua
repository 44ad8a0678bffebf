
local taken = {}
for i = 7, #ARGV, 3 do
  local id, owner, deliveries = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local last = deliveries >= tonumber(ARGV[6])
  if not last or #taken == 0 then
    local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], id)[1]
    if not entry then
      if #redis.call('XRANGE', KEYS[1], id, id) == 0 then redis.call('XACK', KEYS[1], ARGV[1], id) end
    else
      local answered = false
      if string.sub(owner, 1, #ARGV[5]) ~= ARGV[5] then
        for f = 1, #entry[2], 2 do
          if entry[2][f] == 'uri' then
            answered = redis.call('EXISTS', ARGV[4] .. entry[2][f + 1]) == 1
          end
        end
      end
      if answered then
        redis.call('XACK', KEYS[1], ARGV[1], id)
      else
        taken[#taken + 1] = { id, deliveries, entry[2] }
        if last then break end
      end
    end
  end
end
return taken

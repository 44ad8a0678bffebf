-- Forgets consumers that hold nothing and have not been seen for long: the original leaves one a record.
-- KEYS: stream, and the hash runsKey. ARGV: group, ms, our own consumer, which stays so that the group shows that
-- it was read from. In a script, since a consumer that is removed takes what it holds with it.
for _, reply in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #reply, 2 do consumer[reply[i]] = reply[i + 1] end
  if consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[2]) and consumer['name'] ~= ARGV[3] then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    redis.call('HDEL', KEYS[2], runningField .. consumer['name'])
  end
end


redis.call('DEL', KEYS[2])
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0-0', 'MKSTREAM')
if made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] and group['consumers'] == 0 and group['pending'] == 0 then
    redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '0-0')
  end
end
redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])

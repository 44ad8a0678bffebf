-- Up to which id the group was given entries; nil if there is no such group.
local function handedOut(stream, name)
  if redis.call('TYPE', stream).ok ~= 'stream' then return nil end
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == name then return group['last-delivered-id'] end
  end
end

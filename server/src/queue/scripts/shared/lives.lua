-- Whether an entry of the frontends is still true; one that is broken, or ends later than any can, is not.
-- include shared/now.lua
local function lives(value)
  local untilMs = tonumber(string.match(value, '^(%d+) ') or 0)
  return untilMs >= now() and untilMs <= now() + 2 * heartbeatTtlMs
end

-- Reads results and leaves them: a reply that is lost on its way must not take them along. KEYS: result hashes.
-- Returns for each its value, or nil.
local values = {}
for i = 1, #KEYS do values[i] = redis.call('HGET', KEYS[i], resultField) end
return values

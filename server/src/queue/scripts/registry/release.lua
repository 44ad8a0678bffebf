-- Removes a lock if it is still the holder's. KEYS: lock. ARGV: holder.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])

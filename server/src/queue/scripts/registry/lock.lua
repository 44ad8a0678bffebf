-- Takes a lock unless it is held; works when Redis is full. KEYS: lock. ARGV: holder, ms.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

-- Takes a lock, or takes it again. KEYS: lock. ARGV: holder, ms. Returns who has it. The delete lets it through
-- when Redis is full.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]

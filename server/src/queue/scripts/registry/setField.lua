-- Sets a field of a hash; works when Redis is full. KEYS: hash. ARGV: field, value.
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])


redis.call('HDEL', KEYS[1], 'running:' .. ARGV[1])
redis.call('HSET', KEYS[1], 'running:' .. ARGV[1], ARGV[2])

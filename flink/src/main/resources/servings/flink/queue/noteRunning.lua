local runningField = 'running:'
redis.call('HDEL', KEYS[1], runningField .. ARGV[1])
redis.call('HSET', KEYS[1], runningField .. ARGV[1], ARGV[2])

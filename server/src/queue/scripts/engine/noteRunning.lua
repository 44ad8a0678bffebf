-- Notes which records a worker's model has from now on. KEYS: the hash runsKey. ARGV: consumer, ids with blanks
-- between. The delete lets it through when Redis is full, like finish.lua.
redis.call('HDEL', KEYS[1], runningField .. ARGV[1])
redis.call('HSET', KEYS[1], runningField .. ARGV[1], ARGV[2])

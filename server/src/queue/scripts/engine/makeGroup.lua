-- Makes the consumer group, and the worker's consumer in it. KEYS: stream, any key that may be deleted. ARGV:
-- group, consumer, and the id up to which all is known to be acknowledged, if one is. The delete lets it through
-- when Redis is full.
-- include shared/group.lua
redis.call('DEL', KEYS[2])
return makeGroup(KEYS[1], ARGV[1], ARGV[2], ARGV[3])

import { resultField } from '../../../schemas/redisKeys.ts';
import { script } from './scripts.ts';

/** Puts records into a stream: one command, whatever their number. KEYS: stream.
 *  ARGV: for each record how many values follow, then its fields, names and values in turn.
 *  Returns the ids of the entries, in order. A Redis at its maxmemory refuses the first write and so the whole. */
export const putScript = script(`
local ids = {}
local i = 1
while i <= #ARGV do
  local size = tonumber(ARGV[i])
  ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', unpack(ARGV, i + 1, i + size))
  i = i + 1 + size
end
return ids
`);

/** Reads results and removes those that were there. KEYS: result hashes. Returns for each its value, or nil. */
export const takeScript = script(`
local values = {}
for i = 1, #KEYS do
  local value = redis.call('HGET', KEYS[i], '${resultField}')
  if value then redis.call('DEL', KEYS[i]) end
  values[i] = value
end
return values
`);

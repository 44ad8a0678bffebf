import { resultField } from '../../../schemas/redisKeys.ts';
import { script } from './scripts.ts';

/** Puts records into a stream: one command, whatever their number. KEYS: stream.
 *  ARGV: for each record: uri, data, serde ('' = none). Returns the ids of the entries, in order.
 *  A Redis at its maxmemory refuses the first write and so the whole. */
export const putScript = script(`
local ids = {}
for i = 1, #ARGV, 3 do
  if ARGV[i + 2] == '' then
    ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', 'uri', ARGV[i], 'data', ARGV[i + 1])
  else
    ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', 'uri', ARGV[i], 'data', ARGV[i + 1], 'serde', ARGV[i + 2])
  end
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

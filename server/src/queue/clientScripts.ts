import { deadlineField, resultField } from '../../../schemas/redisKeys.ts';
import { script } from './scripts.ts';

/** Puts records into a stream: one command, whatever their number. KEYS: stream.
 *  ARGV: for each record: uri, data, deadline, serde ('' = none). Returns the ids of the entries, in order.
 *  A Redis at its maxmemory refuses the first write and so the whole. */
export const putScript = script(`
local ids = {}
for i = 1, #ARGV, 4 do
  local fields = { 'uri', ARGV[i], 'data', ARGV[i + 1], '${deadlineField}', ARGV[i + 2] }
  if ARGV[i + 3] ~= '' then
    fields[7] = 'serde'
    fields[8] = ARGV[i + 3]
  end
  ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', unpack(fields))
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

import { deadlineField, resultField } from '../../../schemas/redisKeys.ts';
import { nowFunction, script } from './scripts.ts';

/** Puts records into a stream: one command, whatever their number. KEYS: stream.
 *  ARGV: for each record: uri, data, ms until its deadline, and one more field with its value, or '' and ''. The deadline
 *  is written by Redis's clock, which is the one that workers go by.
 *  Returns the ids of the entries, in order. A Redis at its maxmemory refuses the first write and so the whole. */
export const putScript = script(`
${nowFunction}
local ids = {}
local function add(...) ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', ...) end
for i = 1, #ARGV, 5 do
  local uri, data, more = ARGV[i], ARGV[i + 1], ARGV[i + 3]
  local deadline = string.format('%.0f', now() + ARGV[i + 2])
  if more == '' then add('uri', uri, 'data', data, '${deadlineField}', deadline)
  else add('uri', uri, 'data', data, '${deadlineField}', deadline, more, ARGV[i + 4]) end
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

import { deadlineField, resultField } from '../../../../schemas/redis/redisKeys.ts';
import { nowFunction, script } from './scripts.ts';

/** Puts records into a stream: one command, whatever their number. KEYS: stream.
 *  ARGV: for each record how many values its fields are, ms until its deadline, then the fields, names and values in turn.
 *  The deadline is written by Redis's clock, which is the one that workers go by.
 *  Returns the ids of the entries, in order. A Redis at its maxmemory refuses the first write and so the whole. */
export const putScript = script(`
${nowFunction}
local ids = {}
local i = 1
while i <= #ARGV do
  local size, deadline = tonumber(ARGV[i]), string.format('%.0f', now() + ARGV[i + 1])
  local fields = { unpack(ARGV, i + 2, i + 1 + size) }
  fields[#fields + 1] = '${deadlineField}'
  fields[#fields + 1] = deadline
  ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', unpack(fields))
  i = i + 2 + size
end
return ids
`);

/** Reads results and leaves them: a reply that is lost on its way must not take them along. KEYS: result hashes. Returns for
 *  each its value, or nil. */
export const readResultsScript = script(`
local values = {}
for i = 1, #KEYS do values[i] = redis.call('HGET', KEYS[i], '${resultField}') end
return values
`);

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  answeredPrefix,
  askedOverHttp,
  deadFields,
  maxDeadLetters,
  resultField,
  runningField,
} from '../../../../schemas/redis/redisKeys.ts';
import { maxWaitMs } from '../../../../schemas/redis/recordLimits.ts';
import { isReplyError } from '../redis/redisTrouble.ts';

/** A Lua script: Redis runs it whole or not at all, so it is our transaction, at the price of one command a batch. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Runs a script by its digest and sends its text only to a Redis that does not know it yet. */
export async function runScript(
  redis: Redis,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isReplyError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(text, keys.length, ...keys, ...args);
  }
}

/** The same for scripts that return payloads: every string of the reply is bytes. */
export async function runScriptForBytes(
  redis: Redis,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const run = (command: string, what: string) =>
    redis.callBuffer(command, what, keys.length, ...keys, ...args);
  try {
    return await run('EVALSHA', sha);
  } catch (error) {
    if (!isReplyError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return run('EVAL', text);
  }
}

/** Larger results are fetched by who waits for them: every frontend of a job hears every message. */
export const maxToldBytes = 65_536;

/** Lua: keeps an entry's fields as a dead letter; of one with very many, the first, which hold what is served. Returns the
 *  letter's id, or the error of a Redis that refuses it. */
export const buryFunction = `
local function bury(letters, id, fields, time, reason, deliveries, worker)
  local kept = {}
  for f = 1, math.min(#fields, ${2 * 1_000}) do kept[f] = fields[f] end
  for _, word in ipairs({
    '${deadFields.reason}', reason, '${deadFields.time}', time, '${deadFields.deliveries}', deliveries, '${deadFields.id}', id
  }) do kept[#kept + 1] = word end
  if worker ~= '' then
    kept[#kept + 1] = '${deadFields.worker}'
    kept[#kept + 1] = worker
  end
  return redis.pcall('XADD', letters, 'MAXLEN', '~', ${maxDeadLetters}, '*', unpack(kept))
end
local function errorOf(reply) return type(reply) == 'table' and reply.err or nil end
-- A key of another type stays so: there is nothing to wait for.
local function isWrongType(err) return string.find(err, 'WRONGTYPE', 1, true) ~= nil end
`;

/** Lua: the order of ids of a stream. Both parts have up to 20 digits, more than a number of Lua holds. */
export const idFunctions = `
local function parts(id) return string.match(id, '^(%d+)-(%d+)$') end
local function before(a, b)
  if #a ~= #b then return #a < #b end
  return a < b
end
local find = string.find
local function less(a, b)
  -- Of one form their characters are in the order of the ids, and nothing need be taken apart.
  if #a == #b and find(a, '-', 1, true) == find(b, '-', 1, true) then return a < b end
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  if ams ~= bms then return before(ams, bms) end
  return before(aseq, bseq)
end
`;

/** Writes results and acknowledges their records.
 *  KEYS: stream, dead-letter stream. ARGV: group, result prefix, seconds to keep a result (0: for ever), time in ms, how
 *  many records, the consumer that answers; for each record id, uri, value; then for each one given up its number from 1, the reason, its deliveries.
 *  Returns how many this worker still had to answer. Results asked for over HTTP are also published on the job's channel, so that no
 *  frontend needs to poll or to fetch it; nothing depends on that message being heard.
 *
 *  Only a record that is still pending is answered: so one that two workers hold after a take-over gets one visible
 *  result. It is acknowledged after its result is there: where Redis refuses the write, the record stays pending, those
 *  before it are done, and the script ends with Redis's error.
 *  It begins with an acknowledgement of nothing: Redis checks its memory before a script's first write only, so at its
 *  maxmemory the script still finishes, and the trim that follows frees more than the result took.
 *  Where no other group reads the stream an answered entry goes at once: a group that is destroyed and made again then
 *  finds exactly what is not answered. */
export const finishScript = script(`
${buryFunction}
${idFunctions}
local call, stream, group = redis.call, KEYS[1], ARGV[1]
local prefix, ttl, records = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
call('XACK', stream, group, '0-0')

local pending, first, last = {}, nil, nil
local function readPending(from, to, count)
  local entries = redis.pcall('XPENDING', stream, group, from, to, count)
  if entries.err then return entries end
  for _, entry in ipairs(entries) do pending[entry[1]] = entry[4] end
end
for n = 1, records do
  local id = ARGV[4 + 3 * n]
  if not last then first, last = id, id
  elseif less(last, id) then last = id
  elseif less(id, first) then first = id end
end
local failed = records > 0 and readPending(first, last, 2 * records)
if failed then
  if string.sub(failed.err, 1, 7) == 'NOGROUP' then return 0 end
  return failed
end

local function giveUp(id, reason, deliveries)
  local entry = call('XRANGE', stream, id, id)[1]
  local letter = bury(KEYS[2], id, entry and entry[2] or {}, ARGV[4], reason, deliveries, ARGV[6])
  local err = errorOf(letter)
  if err and not isWrongType(err) then return err end
  return nil, not err and letter
end
local function write(key, value)
  local err = errorOf(redis.pcall('HSET', key, '${resultField}', value))
  if err or ttl == 0 then return err end
  err = errorOf(redis.pcall('EXPIRE', key, ttl))
  if err then redis.pcall('DEL', key) end
  return err
end
-- Returns the error of a Redis that refuses it.
local function answer(id, uri, value, up)
  local err, letter
  if up then
    err, letter = giveUp(id, ARGV[up + 1], ARGV[up + 2])
    if err then return err end
  end
  if uri == '' then return end
  err = write(prefix .. uri, value)
  if not err then return end
  if isWrongType(err) then return giveUp(id, 'the result could not be written: ' .. err, pending[id]) end
  if letter then redis.pcall('XDEL', KEYS[2], letter) end
  return err
end

local givenUp = {}
for i = 7 + 3 * records, #ARGV, 3 do givenUp[tonumber(ARGV[i])] = i end
local done, announced, refused = {}, {}, nil
for n = 1, records do
  local i = 4 + 3 * n
  local id, uri, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if not pending[id] then readPending(id, id, 1) end
  if pending[id] then
    refused = answer(id, uri, value, givenUp[n])
    if refused then break end
    pending[id] = nil
    done[#done + 1] = id
    if string.sub(uri, 1, ${askedOverHttp.length}) == '${askedOverHttp}' then
      local sent = #value <= ${maxToldBytes} and value or ''
      announced[#announced + 1] = uri .. '\\n' .. #sent .. '\\n' .. sent
    end
  end
end
local function inPages(command)
  for from = 1, #done, 1000 do command(unpack(done, from, math.min(#done, from + 999))) end
end
inPages(function(...) call('XACK', stream, group, ...) end)
if #done > 0 and #call('XINFO', 'GROUPS', stream) == 1 then
  local oldest = call('XPENDING', stream, group, '-', '+', 1)[1]
  if oldest and not less(last, oldest[1]) then
    inPages(function(...) redis.pcall('XDEL', stream, ...) end)
  else
    -- All up to here is answered: to cut the stream's beginning off costs less than to look each entry up.
    redis.pcall('XTRIM', stream, 'MINID', last)
    redis.pcall('XDEL', stream, last)
  end
end
if #announced > 0 then redis.pcall('PUBLISH', '${answeredPrefix}' .. stream, table.concat(announced)) end
if refused then return redis.error_reply(refused) end
return #done
`);

/** Says that a worker still works on records: their idle time is reset, unless they were taken over meanwhile.
 *  KEYS: stream. ARGV: group, owner, ids. */
export const keepAliveScript = script(`
for i = 3, #ARGV do
  local entry = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if entry and entry[2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
`);

/** Gives records back that a worker will not answer: they may be taken over at once.
 *  KEYS: stream. ARGV: group, owner, idle ms from which on others take over, ids.
 *  @public for the job for Flink, which ends where Flink wants it to; a worker of the embedded engine finishes instead. */
export const handBackScript = script(`
for i = 4, #ARGV do
  local entry = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if entry and entry[2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'JUSTID')
  end
end
`);

/** Lua: makes the consumer group and our consumer in it, where they are not there.
 *  The original's Python client makes the group at the stream's end, so that what was put in before would be skipped:
 *  one that no consumer has ever read from is set back.
 *  The group begins behind `acknowledged`, if the stream has come so far: an older stream of this name may have. */
export const groupFunction = `
${idFunctions}
local function makeGroup(stream, name, consumer, acknowledged)
  local from = '0-0'
  if acknowledged and redis.call('TYPE', stream).ok == 'stream' then
    local info = redis.call('XINFO', 'STREAM', stream)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' and not less(info[i + 1], acknowledged) then from = acknowledged end
    end
  end
  local made = redis.pcall('XGROUP', 'CREATE', stream, name, from, 'MKSTREAM')
  if made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == name and group['consumers'] == 0 and group['pending'] == 0 then
      redis.call('XGROUP', 'SETID', stream, name, from)
    end
  end
  redis.call('XGROUP', 'CREATECONSUMER', stream, name, consumer)
end
-- The last entry up to which the group has acknowledged all.
local function acknowledgedBy(stream, name)
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == name then
      if group['pending'] == 0 then return group['last-delivered-id'] end
      local first = redis.call('XPENDING', stream, name, '-', '+', 1)[1][1]
      local entry = redis.call('XREVRANGE', stream, '(' .. first, '-', 'COUNT', 1)[1]
      return entry and entry[1] or '0-0'
    end
  end
  return '0-0'
end
`;

/** Makes the consumer group, and the worker's consumer in it. KEYS: stream, any key that may be deleted. ARGV: group, consumer, and
 *  the id up to which all is known to be acknowledged, if one is. The delete lets it through when Redis is full. */
export const makeGroupScript = script(`
${groupFunction}
redis.call('DEL', KEYS[2])
return makeGroup(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
`);

/** Forgets consumers that hold nothing and have not been seen for long: the original leaves one a record.
 *  KEYS: stream, and the hash `runsKey`. ARGV: group, ms, our own consumer, which stays so that the group shows that it was read from.
 *  In a script, since a consumer that is removed takes what it holds with it. */
export const dropConsumersScript = script(`
for _, reply in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #reply, 2 do consumer[reply[i]] = reply[i + 1] end
  if consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[2]) and consumer['name'] ~= ARGV[3] then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    redis.call('HDEL', KEYS[2], '${runningField}' .. consumer['name'])
  end
end
`);

/** Frees the entries that every group of the stream has acknowledged.
 *  KEYS: stream. ARGV: how many at most, so that Redis is not busy for long; 0 is all of them. Returns how many.
 *  An entry is acknowledged by a group when the group has read past it and it is not pending there. */
export const trimScript = script(`
${idFunctions}
-- The id after this one. The sequence ends where 64 bits do.
local function nextId(id)
  local ms, seq = parts(id)
  local digits = { string.byte(seq, 1, -1) }
  for d = #digits, 1, -1 do
    if digits[d] < 57 then
      digits[d] = digits[d] + 1
      return ms .. '-' .. string.char(unpack(digits))
    end
    digits[d] = 48
  end
  return ms .. '-1' .. string.char(unpack(digits))
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local keep
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  local first
  if group['pending'] > 0 then
    first = redis.call('XPENDING', KEYS[1], group['name'], '-', '+', 1)[1][1]
  else
    first = group['last-delivered-id']
    if string.sub(first, -21) ~= '-18446744073709551615' then first = nextId(first) end
  end
  if not keep or less(first, keep) then keep = first end
end
if not keep then return 0 end
if ARGV[1] ~= '0' then return redis.call('XTRIM', KEYS[1], 'MINID', '~', keep, 'LIMIT', ARGV[1]) end
return redis.call('XTRIM', KEYS[1], 'MINID', keep)
`);

/** Lua: the time by Redis's clock, in ms. */
export const nowFunction = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** The figures of a queue, each in O(1). KEYS: stream, dead-letter stream. ARGV: group.
 *  Returns waiting, pending, dead, age of the oldest unanswered entry in ms, entries ever added (-1: Redis does not report it).
 *  The age comes from the entry's id, which begins with the time at which Redis was given it. */
export const queueFiguresScript = script(`
${nowFunction}
local dead = redis.call('XLEN', KEYS[2])
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return { 0, 0, dead, 0, -1 } end
local length = redis.call('XLEN', KEYS[1])
local added = -1
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'entries-added' then added = info[i + 1] end
end
local waiting, pending, last = length, 0, '0-0'
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] then
    pending = group['pending']
    last = group['last-delivered-id']
    waiting = group['lag'] or math.max(0, length - pending)
  end
end
local oldest
if pending > 0 then oldest = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1)[1][1] end
if not oldest then
  local entry = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)[1]
  if entry then oldest = entry[1] else waiting = 0 end
end
local age = 0
if oldest then age = now() - string.match(oldest, '^%d+') end
-- Such a time its client has chosen.
if age > ${maxWaitMs} then age = 0 end
return { waiting, pending, dead, age, added }
`);

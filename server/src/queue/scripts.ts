import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  answeredPrefix,
  askedOverHttp,
  deadFields,
  deathsField,
  maxDeadLetters,
  resultField,
  runningField,
} from '../../../schemas/redisKeys.ts';
import { isReplyError } from './connectRedis.ts';

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
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isReplyError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(text, keys.length, ...keys, ...args);
  }
}

/** Larger results are fetched by who waits for them: every frontend of a job hears every message. */
export const maxToldBytes = 65_536;

/** Lua: keeps an entry's fields as a dead letter. */
export const buryFunction = `
local function bury(letters, id, fields, time, reason, deliveries, worker)
  fields[#fields + 1] = '${deadFields.reason}'
  fields[#fields + 1] = reason
  fields[#fields + 1] = '${deadFields.time}'
  fields[#fields + 1] = time
  fields[#fields + 1] = '${deadFields.deliveries}'
  fields[#fields + 1] = deliveries
  fields[#fields + 1] = '${deadFields.id}'
  fields[#fields + 1] = id
  if worker ~= '' then
    fields[#fields + 1] = '${deadFields.worker}'
    fields[#fields + 1] = worker
  end
  redis.call('XADD', letters, 'MAXLEN', '~', ${maxDeadLetters}, '*', unpack(fields))
end
`;

/** Lua: whether one id of a stream comes before another. */
export const idFunctions = `
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function less(a, b)
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  return ams < bms or (ams == bms and aseq < bseq)
end
`;

/** Acknowledges records and writes their results.
 *  KEYS: stream, dead-letter stream. ARGV: group, result prefix, seconds to keep a result (0: for ever), time in ms, how
 *  many records, the consumer that answers; for each record id, uri, value; then for each one given up its number from 1, the reason, its deliveries.
 *  Returns how many were still ours to answer. What was asked over HTTP is also told on the job's channel, so that no
 *  frontend needs to poll or to fetch it; nothing depends on that message being heard.
 *
 *  A record is acknowledged first, and only whoever acknowledges it writes: so a record that two workers hold after a
 *  take-over gets one visible result. It also means that a Redis at its maxmemory lets the script finish (the memory
 *  check is made before the first write only), and the trim that follows frees more than the result took. */
export const finishScript = script(`
${buryFunction}
local call, stream, group = redis.call, KEYS[1], ARGV[1]
local function giveUp(id, reason, deliveries)
  local entry = call('XRANGE', stream, id, id)[1]
  bury(KEYS[2], id, entry and entry[2] or {}, ARGV[4], reason, deliveries, ARGV[6])
end
local prefix, ttl, records = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local givenUp = {}
for i = 7 + 3 * records, #ARGV, 3 do givenUp[tonumber(ARGV[i])] = i end
local finished, told = 0, {}
for n = 1, records do
  local i = 4 + 3 * n
  local id, uri = ARGV[i], ARGV[i + 1]
  if call('XACK', stream, group, id) == 1 then
    finished = finished + 1
    local up = givenUp[n]
    if up then giveUp(id, ARGV[up + 1], ARGV[up + 2]) end
    if uri ~= '' then
      local key, value = prefix .. uri, ARGV[i + 2]
      local written = redis.pcall('HSET', key, '${resultField}', value)
      if type(written) == 'table' and written.err then
        giveUp(id, 'the result could not be written: ' .. written.err, '1')
      elseif ttl > 0 then
        call('EXPIRE', key, ttl)
      end
      if string.sub(uri, 1, ${askedOverHttp.length}) == '${askedOverHttp}' then
        told[#told + 1] = uri
        told[#told + 1] = #value <= ${maxToldBytes} and value or ''
      end
    end
  end
end
if #told > 0 then call('PUBLISH', '${answeredPrefix}' .. stream, table.concat(told, '\\n')) end
return finished
`);

/** Takes over pending records whose owner shows no sign of life.
 *  KEYS: stream, and the hash `runsKey` where the deaths of workers are counted. ARGV: group, new owner, least idle ms,
 *  result prefix, prefix of consumers that acknowledge, without the hash deliveries from which on a record is taken alone,
 *  then for each record: id, owner, deliveries so far.
 *  Returns for each record taken: id, deliveries so far, fields, deaths (-1: not suspect).
 *
 *  A worker may die for reasons that are none of its records': so those only are suspect that the model had then, as the
 *  worker noted in the hash (`noteRunningScript`). A suspect is run alone from then on, and a death counts only for one that
 *  the model had by itself: where workers are killed again and again, something always shares the run.
 *  Of a worker that notes nothing, such as one of the original's, each delivery after the first counts.
 *  Without the hash each delivery counts, the first one too: this is the rule of the job for Flink.
 *
 *  Records that may run together are taken first, as many as there are; then one by one those that are to run alone, the
 *  least suspect first: workers that are killed again and again then do not meet the same record each time.
 *  What a consumer of the original left (it never acknowledges) and has a result is acknowledged, not served again. */
export const takeOverScript = script(`
local stream, runs, group = KEYS[1], KEYS[2], ARGV[1]
local running = {}
local function deathsOf(id, owner, deliveries)
  if not runs then return deliveries >= tonumber(ARGV[6]) and deliveries or -1 end
  local deaths = tonumber(redis.call('HGET', runs, '${deathsField}' .. id) or -1)
  if running[owner] == nil then running[owner] = redis.call('HGET', runs, '${runningField}' .. owner) end
  if not running[owner] then return deliveries > 1 and math.max(deaths, deliveries - 1) or deaths end
  if running[owner] == id then return math.max(deaths, 0) + 1 end
  local shared = string.find(' ' .. running[owner] .. ' ', ' ' .. id .. ' ', 1, true)
  return shared and math.max(deaths, 0) or deaths
end
local function isAnswered(record, fields)
  if string.sub(record.owner, 1, #ARGV[5]) == ARGV[5] then return false end
  for f = 1, #fields, 2 do
    if fields[f] == 'uri' and redis.call('EXISTS', ARGV[4] .. fields[f + 1]) == 1 then return true end
  end
  return false
end
local taken = {}
local function take(record)
  local entry = redis.call('XCLAIM', stream, group, ARGV[2], ARGV[3], record.id)[1]
  if not entry then
    if #redis.call('XRANGE', stream, record.id, record.id) == 0 then redis.call('XACK', stream, group, record.id) end
    return false
  end
  if isAnswered(record, entry[2]) then
    redis.call('XACK', stream, group, record.id)
    return false
  end
  if runs and record.deaths >= 0 then redis.call('HSET', runs, '${deathsField}' .. record.id, record.deaths) end
  taken[#taken + 1] = { record.id, record.deliveries, entry[2], record.deaths }
  return true
end
local together, alone = {}, {}
for i = 7, #ARGV, 3 do
  local record = { id = ARGV[i], owner = ARGV[i + 1], deliveries = tonumber(ARGV[i + 2]), place = i }
  record.deaths = deathsOf(record.id, record.owner, record.deliveries)
  local list = record.deaths >= 0 and alone or together
  list[#list + 1] = record
end
for _, record in ipairs(together) do take(record) end
if #taken == 0 then
  table.sort(alone, function(a, b)
    if a.deaths ~= b.deaths then return a.deaths < b.deaths end
    return a.place < b.place
  end)
  for _, record in ipairs(alone) do
    if take(record) then break end
  end
end
return taken
`);

/** Notes which records a worker's model has from now on. KEYS: the hash `runsKey`. ARGV: consumer, ids with blanks between.
 *  The delete lets it through when Redis is full, like `finishScript`. */
export const noteRunningScript = script(`
redis.call('HDEL', KEYS[1], '${runningField}' .. ARGV[1])
redis.call('HSET', KEYS[1], '${runningField}' .. ARGV[1], ARGV[2])
`);

/** Says that a worker still works on records: their idle time starts anew, unless they were taken over meanwhile.
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

/** Makes the consumer group at the beginning of the stream, and our consumer in it.
 *  KEYS: stream, any key of ours that may go. ARGV: group, consumer.
 *  The original's Python client makes the group at the stream's end, so that what was put in before would be skipped:
 *  one that no consumer has ever read from is set back. The delete lets it through when Redis is full. */
export const makeGroupScript = script(`
redis.call('DEL', KEYS[2])
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0-0', 'MKSTREAM')
if made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] and group['consumers'] == 0 and group['pending'] == 0 then
    redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '0-0')
  end
end
redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
`);

/** Forgets consumers that hold nothing and have not been seen for long: the original leaves one a record.
 *  KEYS: stream, and the hash `runsKey` where it is kept. ARGV: group, ms, our own consumer, which stays so that the group shows that it was read from.
 *  In a script, since a consumer that is removed takes what it holds with it. */
export const dropConsumersScript = script(`
for _, reply in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #reply, 2 do consumer[reply[i]] = reply[i + 1] end
  if consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[2]) and consumer['name'] ~= ARGV[3] then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    if KEYS[2] then redis.call('HDEL', KEYS[2], '${runningField}' .. consumer['name']) end
  end
end
`);

/** Takes a lock unless somebody holds it; works when Redis is full. KEYS: lock. ARGV: holder, ms. */
export const lockScript = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** Sets a field of a hash; works when Redis is full. KEYS: hash. ARGV: field, value. */
export const setFieldScript = script(`
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
`);

/** Frees the entries that every group of the stream has acknowledged.
 *  KEYS: stream. ARGV: how many at most, so that Redis is not busy for long; 0 is all of them. Returns how many.
 *  An entry is acknowledged by a group when the group has read past it and it is not pending there. */
export const trimScript = script(`
${idFunctions}
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local keep
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  local first
  if group['pending'] > 0 then
    first = redis.call('XPENDING', KEYS[1], group['name'], '-', '+', 1)[1][1]
  else
    local ms, seq = parts(group['last-delivered-id'])
    first = string.format('%.0f-%.0f', ms, seq + 1)
  end
  if not keep or less(first, keep) then keep = first end
end
if not keep then return 0 end
if ARGV[1] ~= '0' then return redis.call('XTRIM', KEYS[1], 'MINID', '~', keep, 'LIMIT', ARGV[1]) end
return redis.call('XTRIM', KEYS[1], 'MINID', keep)
`);

/** Writes a heartbeat and tells whether the worker was asked to stop. KEYS: heartbeat, stop. ARGV: JSON, ms to live.
 *  The delete lets it through when Redis is full, like `finishScript`: a worker must not look dead then. */
export const heartbeatScript = script(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('GET', KEYS[2])
`);

/** Lua: the time by Redis's clock, in ms. */
const nowFunction = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** Says that an HTTP frontend lives, forgets those that have not said so in time, and tells whether this one was asked to
 *  stop. KEYS: frontends, stop. ARGV: id, JSON, ms to live. The delete is there as in `heartbeatScript`. */
export const frontendScript = script(`
${nowFunction}
redis.call('HDEL', KEYS[1], ARGV[1])
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if tonumber(string.match(all[i + 1], '^%d+')) < now() then redis.call('HDEL', KEYS[1], all[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now() + ARGV[3]) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('GET', KEYS[2])
`);

/** The HTTP frontends that live. KEYS: frontends. Returns the JSON of each. */
export const frontendsScript = script(`
${nowFunction}
local living = {}
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
  local untilMs, text = string.match(value, '^(%d+) (.*)$')
  if tonumber(untilMs) >= now() then living[#living + 1] = text end
end
return living
`);

/** The figures of a queue, each in O(1). KEYS: stream, dead-letter stream. ARGV: group.
 *  Returns waiting, pending, dead, age of the oldest unanswered entry in ms, entries ever added (-1: Redis does not tell).
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
return { waiting, pending, dead, age, added }
`);

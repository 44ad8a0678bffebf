import {
  askedOverHttp,
  answeredPrefix,
  deadFields,
  deadlineField,
  sharedByField,
  requeuedField,
  resultField,
  unanswerable,
} from '../../../../schemas/redis/redisKeys.ts';
import { buryFunction, idFunctions, script } from './scripts.ts';

/* What people do to a queue. Looking never changes anything; each change is one script, so that no record can be lost or
   doubled half-way, whatever else works on the queue. */

/** The groups of a stream and their consumers, those with most records in flight first.
 *  KEYS: stream. ARGV: how many consumers of a group to return.
 *  Returns the stream's length and, for each group, name, pending, lag (-1: unknown), number of consumers, and for each
 *  consumer name, pending, idle ms. */
export const groupsScript = script(`
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return { 0, {} } end
local function map(reply)
  local found = {}
  for i = 1, #reply, 2 do found[reply[i]] = reply[i + 1] end
  return found
end
local groups = {}
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group, consumers = map(reply), {}
  for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], group['name'])) do
    local consumer = map(one)
    consumers[#consumers + 1] = { consumer['name'], consumer['pending'], consumer['idle'] }
  end
  table.sort(consumers, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[3] < b[3]
  end)
  local count = #consumers
  while #consumers > tonumber(ARGV[1]) do consumers[#consumers] = nil end
  groups[#groups + 1] = { group['name'], group['pending'], group['lag'] or -1, count, consumers }
end
return { redis.call('XLEN', KEYS[1]), groups }
`);

/** Lua: entries without their payloads, until a number of them or of bytes was read. `entryAfter` gives the
 *  one after an id, or the first. Returns whether there are more, and the entries. */
const pageFunction = `
local function page(entryAfter, most, bytes)
  local entries, read = {}, 0
  local entry = entryAfter()
  while entry do
    if #entries >= most or read >= bytes then return { 1, entries } end
    local fields = {}
    for f = 1, #entry[2], 2 do
      read = read + #entry[2][f + 1]
      if entry[2][f] ~= 'data' then
        fields[#fields + 1] = entry[2][f]
        fields[#fields + 1] = entry[2][f + 1]
      end
    end
    entries[#entries + 1] = { entry[1], fields }
    entry = entryAfter(entry[1])
  end
  return { 0, entries }
end
`;

/** A page of records that wait, in order of their ids, without their payloads; shorter when these are large.
 *  KEYS: stream. ARGV: group, id after which the page begins ('' for the first), records, bytes.
 *  Returns whether there are more, and the entries. */
export const waitingScript = script(`
${pageFunction}
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0, {} } end
local after = ARGV[2]
if after == '' then
  after = '0-0'
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == ARGV[1] then after = group['last-delivered-id'] end
  end
end
return page(function(id)
  return redis.call('XRANGE', KEYS[1], '(' .. (id or after), '+', 'COUNT', 1)[1]
end, tonumber(ARGV[3]), tonumber(ARGV[4]))
`);

/** A page of pending records in order of their ids. The names of the records are returned until a number of bytes was read for
 *  them: a record is read as a whole, and large ones would keep Redis busy.
 *  KEYS: stream. ARGV: group, id after which the page begins ('' for the first), records, bytes.
 *  Returns for each id, consumer, idle ms, deliveries, uri or nil. */
export const pendingScript = script(`
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local entries = redis.pcall('XPENDING', KEYS[1], ARGV[1], from, '+', ARGV[3])
if entries.err then
  if string.sub(entries.err, 1, 7) == 'NOGROUP' then return {} end
  return entries
end
local read = 0
for _, one in ipairs(entries) do
  one[5] = false
  if read < tonumber(ARGV[4]) then
    local entry = redis.call('XRANGE', KEYS[1], one[1], one[1])[1]
    local fields = entry and entry[2] or {}
    for f = 1, #fields, 2 do
      read = read + #fields[f + 1]
      if fields[f] == 'uri' then one[5] = fields[f + 1] end
    end
  end
end
return entries
`);

/** A page of dead letters, the newest first, without their payloads; shorter when these are large.
 *  KEYS: dead-letter stream. ARGV: id before which the page begins ('' for the newest), records, bytes.
 *  Returns whether there are more, and the entries. */
export const lettersScript = script(`
${pageFunction}
local from = ARGV[1] == '' and '+' or '(' .. ARGV[1]
return page(function(id)
  return redis.call('XREVRANGE', KEYS[1], id and '(' .. id or from, '-', 'COUNT', 1)[1]
end, tonumber(ARGV[2]), tonumber(ARGV[3]))
`);

/** Where an entry of the stream stands. KEYS: stream. ARGV: group, id.
 *  Returns 'waiting', 'answered', or consumer, idle ms and deliveries of one that is pending. */
export const standingScript = script(`
${idFunctions}
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
    if pending then return { pending[2], pending[3], pending[4] } end
    if not less(group['last-delivered-id'], ARGV[2]) then return 'answered' end
  end
end
return 'waiting'
`);

/** Lua: puts one dead letter back. Its original fields go to the end of the stream, but not the deadline until which a client
 *  waited: that has passed or was answered, and the record would be thrown away. The NaN that its client may not have
 *  read yet goes, since a result is to come; any other result stays. The first write is refused by a Redis that is full,
 *  and then nothing has changed. */
const requeueFunction = `
local left = { ${[...Object.values(deadFields), deadlineField, sharedByField].map((name) => `['${name}'] = true`).join(', ')} }
local function requeue(stream, letters, prefix, letter)
  local fields, uri, times = {}, nil, 0
  for f = 1, #letter[2], 2 do
    local name, value = letter[2][f], letter[2][f + 1]
    if name == '${requeuedField}' then times = string.match(value, '^%d%d?%d?%d?%d?%d?$') or 0
    elseif not left[name] then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
    if name == 'uri' then uri = value end
  end
  fields[#fields + 1] = '${requeuedField}'
  fields[#fields + 1] = times + 1
  redis.call('XADD', stream, '*', unpack(fields))
  redis.call('XDEL', letters, letter[1])
  if uri and redis.pcall('HGET', prefix .. uri, '${resultField}') == '${unanswerable}' then
    redis.call('DEL', prefix .. uri)
  end
end
`;

/** Puts dead letters back into the stream. KEYS: stream, dead-letter stream. ARGV: result prefix, ids.
 *  Returns for each id 1, or 0 if there is no such letter. */
export const requeueScript = script(`
${requeueFunction}
local done = {}
for i = 2, #ARGV do
  local letter = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])[1]
  if letter then requeue(KEYS[1], KEYS[2], ARGV[1], letter) end
  done[i - 1] = letter and 1 or 0
end
return done
`);

/** Puts the oldest dead letters back, up to a number of them or of bytes.
 *  KEYS: stream, dead-letter stream. ARGV: result prefix, newest id to take, records, bytes. Returns how many. */
export const requeueOldestScript = script(`
${requeueFunction}
local done, moved = 0, 0
while done < tonumber(ARGV[3]) and moved < tonumber(ARGV[4]) do
  local letter = redis.call('XRANGE', KEYS[2], '-', ARGV[2], 'COUNT', 1)[1]
  if not letter then break end
  for f = 2, #letter[2], 2 do moved = moved + #letter[2][f] end
  requeue(KEYS[1], KEYS[2], ARGV[1], letter)
  done = done + 1
end
return done
`);

/** Takes records out of the queue: they become dead letters, and their clients get NaN.
 *  KEYS: stream, dead-letter stream. ARGV: group, result prefix, seconds to keep a result (0: for ever), time in ms,
 *  reason, ids. Returns for each 'dead', 'answered' or 'missing'.
 *  One that is in flight is acknowledged, so the worker's result is dropped. One that waits is deleted
 *  from the stream, since a group cannot pass over a single entry. */
export const killScript = script(`
${buryFunction}
${idFunctions}
local outcomes, last = {}, nil
if redis.call('TYPE', KEYS[1]).ok == 'stream' then
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    if group['name'] == ARGV[1] then last = group['last-delivered-id'] end
  end
end
for i = 6, #ARGV do
  local id = ARGV[i]
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  local pending = last and entry and redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1)[1]
  if not entry then outcomes[i - 5] = 'missing'
  elseif not pending and last and not less(last, id) then outcomes[i - 5] = 'answered'
  else
    local uri
    for f = 1, #entry[2], 2 do if entry[2][f] == 'uri' then uri = entry[2][f + 1] end end
    -- A write that does nothing, before which Redis checks its memory; what is refused later leaves the record as it is.
    redis.call('XDEL', KEYS[1], '0-0')
    local letter = bury(KEYS[2], id, entry[2], ARGV[4], ARGV[5], pending and pending[4] or 0, pending and pending[2] or '')
    if errorOf(letter) then return letter end
    if pending then redis.call('XACK', KEYS[1], ARGV[1], id) else redis.call('XDEL', KEYS[1], id) end
    if uri then
      local written = redis.pcall('HSET', ARGV[2] .. uri, '${resultField}', '${unanswerable}')
      if type(written) ~= 'table' and tonumber(ARGV[3]) > 0 then redis.call('EXPIRE', ARGV[2] .. uri, ARGV[3]) end
      if string.sub(uri, 1, ${askedOverHttp.length}) == '${askedOverHttp}' then
        redis.pcall('PUBLISH', '${answeredPrefix}' .. KEYS[1], uri .. '\\n${unanswerable}')
      end
    end
    outcomes[i - 5] = 'dead'
  end
end
return outcomes
`);

/** Passes over all that waits: the group goes on after the last entry. KEYS: stream. ARGV: group, consumer to make.
 *  Returns 1, or 0 if there is no stream. A group without a consumer would be set back by the next worker (see
 *  `makeGroupScript`), so it is given one, which workers remove later. */
export const passWaitingScript = script(`
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return 0 end
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '$')
if type(made) == 'table' and made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
local added
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'entries-added' then added = info[i + 1] end
end
-- Redis 7 counts what a group has read, and would not know how far behind it is.
if added then
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '$', 'ENTRIESREAD', added)
else
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '$')
end
if #redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1]) == 0 then
  redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return 1
`);

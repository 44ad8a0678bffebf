-- Takes over pending records whose owner shows no sign of life.
-- KEYS: stream, and the hash runsKey where the deaths of workers are counted. ARGV: group, new owner, least idle
-- ms, result prefix, prefix of consumers that acknowledge, then for each record: id, owner, deliveries so far.
-- Returns for each record taken: id, deliveries so far, fields, deaths (-1: not suspect).
--
-- A worker may die for reasons that are none of its records': so those only are suspect that the model had then,
-- as the worker noted in the hash (noteRunning.lua). A suspect is run alone from then on, and a death counts only
-- for one that the model had by itself: where workers are killed again and again, something always shares the run.
-- Even so a kill from outside may meet a record that is alone. Where such records were answered later, the same
-- number of deaths is taken off what counts against others (forgetDeaths.lua). Of a worker that notes nothing,
-- such as one of the original's, each delivery after the first counts.
--
-- Records that may run together are taken first, as many as there are; then one by one those that are to run
-- alone, the least suspect first: workers that are killed again and again then do not meet the same record each
-- time. What a consumer of the original left (it never acknowledges) and has a result is acknowledged, not served
-- again.
-- include shared/stray.lua
local stream, runs, group = KEYS[1], KEYS[2], ARGV[1]
local running = {}
local function deathsOf(id, owner, deliveries)
  local deaths = tonumber(redis.call('HGET', runs, deathsField .. id) or -1)
  if running[owner] == nil then running[owner] = redis.call('HGET', runs, runningField .. owner) end
  if not running[owner] then return deliveries > 1 and math.max(deaths, deliveries - 1) or deaths end
  if running[owner] == id then return math.max(deaths, 0) + 1 end
  local shared = string.find(' ' .. running[owner] .. ' ', ' ' .. id .. ' ', 1, true)
  return shared and math.max(deaths, 0) or deaths
end
local unexplained = nil
local function counted(deaths)
  unexplained = unexplained or math.min(readStray(runs), maxStrayDeaths)
  return deaths > 0 and math.max(0, deaths - unexplained) or deaths
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
  if record.deaths >= 0 then redis.call('HSET', runs, deathsField .. record.id, record.deaths) end
  taken[#taken + 1] = { record.id, record.deliveries, entry[2], counted(record.deaths) }
  return true
end
local together, alone = {}, {}
for i = 6, #ARGV, 3 do
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

-- Keeps an entry's fields as a dead letter; of one with very many, the first, which hold what is served. Returns
-- the letter's id, or the error of a Redis that refuses it.
local function bury(letters, id, fields, time, reason, deliveries, worker)
  local kept = {}
  for f = 1, math.min(#fields, maxKeptWords) do kept[f] = fields[f] end
  for _, word in ipairs({
    deadFields.reason, reason, deadFields.time, time, deadFields.deliveries, deliveries, deadFields.id, id
  }) do kept[#kept + 1] = word end
  if worker ~= '' then
    kept[#kept + 1] = deadFields.worker
    kept[#kept + 1] = worker
  end
  return redis.pcall('XADD', letters, 'MAXLEN', '~', maxDeadLetters, '*', unpack(kept))
end
local function errorOf(reply) return type(reply) == 'table' and reply.err or nil end
-- A key of another type stays so: there is nothing to wait for.
local function isWrongType(err) return string.find(err, 'WRONGTYPE', 1, true) ~= nil end

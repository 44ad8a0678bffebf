-- The order of ids of a stream. Both parts have up to 20 digits, more than a number of Lua holds.
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

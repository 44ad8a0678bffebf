-- Entries without their payloads, until a number of them or of bytes was read. entryAfter gives the one after an
-- id, or the first. Returns whether there are more, and the entries.
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

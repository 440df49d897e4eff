-- What was told after a position, and whether the stream still holds all of it.
-- KEYS: stream, epoch. ARGV: an epoch for a new stream, the position's epoch and id (both may be empty), entries given at most, seconds kept.
local function place(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local epoch = redis.call('GET', KEYS[2])
if not epoch or redis.call('EXISTS', KEYS[1]) == 0 then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[2], epoch)
  -- Something to come back to.
  redis.call('XADD', KEYS[1], '*', 'n', '[]')
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][1]
local answer = { epoch .. '-' .. last, 0 }
if ARGV[3] == '' or ARGV[2] ~= epoch then
  return answer
end
local ms, seq = place(ARGV[3])
local last_ms, last_seq = place(last)
-- Later than the last: of a stream that lost its end.
if ms > last_ms or (ms == last_ms and seq > last_seq) then
  return answer
end
-- Covered if nothing after it can have been taken away.
if #redis.call('XRANGE', KEYS[1], '-', ARGV[3], 'COUNT', 1) == 0 then
  return answer
end
local most = tonumber(ARGV[4])
local found = redis.call('XRANGE', KEYS[1], ARGV[3], '+', 'COUNT', most + 2)
local given = {}
for _, entry in ipairs(found) do
  if entry[1] ~= ARGV[3] then
    given[#given + 1] = epoch .. '-' .. entry[1]
    given[#given + 1] = entry[2][2]
  end
end
if #given > 2 * most then
  return answer
end
answer[2] = 1
for i = 1, #given do
  answer[#answer + 1] = given[i]
end
return answer

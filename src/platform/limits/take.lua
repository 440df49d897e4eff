-- Takes from every bucket in KEYS, or from none. A bucket is one number: the time (µs) at which it is full again (GCRA).
-- ARGV, per bucket: µs per unit, units it holds, units wanted. Answers per bucket: µs to wait (0: may), µs until it is full.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, allowed, answer = {}, true, {}
for i, key in ipairs(KEYS) do
  local unit, size, wanted = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local before = math.max(tonumber(redis.call('GET', key) or 0), now)
  full[i] = before + unit * wanted
  local wait = math.max(full[i] - unit * size - now, 0)
  allowed = allowed and wait == 0
  answer[2 * i - 1], answer[2 * i] = wait, before - now
end
if allowed then
  for i, key in ipairs(KEYS) do
    answer[2 * i] = full[i] - now
    redis.call('SET', key, string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000) + 1)
  end
end
return answer

-- Takes from a sender's bucket and from its account's, or from neither. A bucket is one number: the time (µs) at which it is full again.
-- KEYS: the sender's bucket, the account's, the end of the sender's line, the sender's count of the day, the processes that ask, the note of
--   how often the sender's pace is halved (slow.lua).
-- ARGV: 1 now (µs; 0: this server's time), 2 and 3 µs per unit and units held of the sender, 4 and 5 of the account, 6 units wanted,
--   7 units more that the asker would keep for later, 8 "1": one of many, 9 "1": it comes back at the time it was told,
--   10 the day's cap (0: none), 11 how many were counted elsewhere today, 12 µs left of the day, 13 the process, or empty,
--   14 µs after which one halving is taken back.
-- Answers: units given (0: none), µs to wait, who was empty (1 the sender, 2 the account, 3 the day, 4 others are in line), processes, how
--   many times the sender's pace is halved now.
local now = tonumber(ARGV[1])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local unit, size = {tonumber(ARGV[2]), tonumber(ARGV[4])}, {tonumber(ARGV[3]), tonumber(ARGV[5])}
local wanted, extra = tonumber(ARGV[6]), tonumber(ARGV[7])
local bulk, back = ARGV[8] == '1', ARGV[9] == '1'
local cap, today, day_left = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local function keep(key, at)
  redis.call('SET', key, string.format('%.0f', at), 'PX', math.max(math.ceil((at - now) / 1000), 0) + 1)
end

local full_unit, halved = unit[1], 0
local was, at = string.match(redis.call('GET', KEYS[6]) or '', '^(%d+):(%d+)$')
if was then
  halved = math.max(tonumber(was) - math.floor(math.max(now - tonumber(at), 0) / tonumber(ARGV[14])), 0)
end
if halved > 0 then
  unit[1] = unit[1] * 2 ^ halved
  -- Nothing is given in advance that would be used up at the pace of before.
  extra = 0
end

local processes = 0
if ARGV[13] ~= '' then
  redis.call('ZADD', KEYS[5], now, ARGV[13])
  redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - 60000000)
  redis.call('PEXPIRE', KEYS[5], 60000)
  processes = redis.call('ZCARD', KEYS[5])
end

if cap > 0 then
  today = math.max(today, tonumber(redis.call('GET', KEYS[4]) or 0))
  -- What many are sent leaves a tenth of the day to answers.
  local left = (bulk and math.floor(cap * 0.9) or cap) - today - wanted
  if left < 0 then
    return {0, day_left, 3, processes, halved}
  end
  extra = math.min(extra, left)
end

local before, wait, empty, roomy = {}, 0, 0, true
for i = 1, 2 do
  before[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or 0), now)
  -- A clock that went back does not hold anybody up for long.
  before[i] = math.min(before[i], now + 2 * unit[i] * size[i] + 600000000)
  -- What many are sent takes from the upper half only, so that an answer finds the lower one.
  local held = bulk and math.max(size[i] / 2, 1) or size[i]
  -- A text of more units than are held leaves when the bucket is full, and is paid for afterwards.
  local missing = before[i] + unit[i] * math.min(wanted, held) - unit[i] * held - now
  if missing > wait then
    wait, empty = missing, i
  end
  roomy = roomy and before[i] + unit[i] * (wanted + extra) - now <= unit[i] * size[i] / 2
end

-- Whoever finds the bucket empty gets a place in line, at the pace of the sender, and comes back then: they do not all ask again and again.
local last = tonumber(redis.call('GET', KEYS[3]) or 0)
if not bulk and not back and last > now and wait == 0 then
  wait, empty = unit[1], 4
end
if wait > 0 then
  if not bulk then
    -- Places are as far apart as at full pace: who comes too early gets another, and nobody waits for a pace that is over.
    local place = math.min(math.max(now + wait, last + full_unit * wanted), now + 900000000)
    keep(KEYS[3], place)
    wait = place - now
  end
  return {0, math.ceil(wait), empty, processes, halved}
end

local given = wanted
if roomy then
  given = wanted + extra
end
for i = 1, 2 do
  keep(KEYS[i], before[i] + unit[i] * given)
end
if cap > 0 then
  redis.call('SET', KEYS[4], today + given, 'PX', math.ceil(day_left / 1000) + 1)
end
return {given, 0, 0, processes, halved}

-- The provider refused a text of the sender for haste: it goes at half its pace from here on, and what it had saved up is gone. Texts that left
-- together are refused together, and that counts once. How many times it was halved is taken back one by one (see take.lua).
-- KEYS: the sender's bucket, its note of halvings ("how many:since when").
-- ARGV: 1 now (µs; 0: this server's time), 2 µs per unit at full pace, 3 units held, 4 µs after which one halving is taken back,
--   5 µs within which refusals are one, 6 most halvings.
-- Answers: how many times its pace is halved now.
local now = tonumber(ARGV[1])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local unit, size, back, one, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local halved = 0
local was, at = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+):(%d+)$')
if was then
  -- A clock that went back counts as no time.
  local age = math.max(now - tonumber(at), 0)
  halved = math.max(tonumber(was) - math.floor(age / back), 0)
  if age < one then
    return halved
  end
end
halved = math.min(halved + 1, most)
redis.call('SET', KEYS[2], string.format('%d:%.0f', halved, now), 'PX', math.ceil(halved * back / 1000))
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now + unit * 2 ^ halved * size)
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return halved

-- Appends to an organization's stream and tells whoever listens now, both or neither.
-- KEYS: stream, epoch. ARGV: an epoch for a new stream, what is told, entries kept, seconds kept, channel.
local epoch = redis.call('GET', KEYS[2])
if not epoch or redis.call('EXISTS', KEYS[1]) == 0 then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[2], epoch)
end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'n', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[5], epoch .. '-' .. id .. ' ' .. ARGV[2])
return 1

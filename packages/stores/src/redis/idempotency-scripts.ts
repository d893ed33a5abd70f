import { clock } from './clock.js'

/**
 * A record is one hash that expires by itself: `state` (running, settled, tombstone), `scope`, `fingerprint`, `token`, `attempt`,
 * `created`, `lease` and `expires` in epoch milliseconds, and `content`. A hash without them is not ours to overwrite.
 *
 * Arguments: scope, fingerprint, token, lease and ttl in milliseconds, 1 where lapsed records are taken over.
 */
export const claimScript = `${clock}
local record = redis.call('HMGET', KEYS[1], 'state', 'fingerprint', 'token', 'attempt', 'lease')
local state, attempt, lease = record[1], tonumber(record[4]), tonumber(record[5])
local leased = now + ARGV[4]
local expires = leased + ARGV[5]
if not state then
  if redis.call('EXISTS', KEYS[1]) == 1 then return {'unreadable'} end
  attempt = 1
  redis.call('HSET', KEYS[1], 'state', 'running', 'scope', ARGV[1], 'fingerprint', ARGV[2], 'token', ARGV[3],
    'attempt', 1, 'created', now, 'lease', leased, 'expires', expires)
else
  if not (record[2] and attempt and lease) then return {'unreadable'} end
  if record[2] ~= ARGV[2] then return {'mismatch'} end
  if state ~= 'running' then return {state, redis.call('HGET', KEYS[1], 'content')} end
  if record[3] ~= ARGV[3] then
    if now < lease then return {'running', lease - now} end
    if ARGV[6] ~= '1' then return {'lapsed'} end
    attempt = attempt + 1
  end
  redis.call('HSET', KEYS[1], 'token', ARGV[3], 'attempt', attempt, 'lease', leased, 'expires', expires)
end
redis.call('PEXPIREAT', KEYS[1], expires)
return {'claimed', attempt}`

/** Arguments: token, lease and ttl in milliseconds. */
export const renewScript = `${clock}
local record = redis.call('HMGET', KEYS[1], 'state', 'token')
if record[1] ~= 'running' or record[2] ~= ARGV[1] then return 'stale' end
local lease = now + ARGV[2]
local expires = lease + ARGV[3]
redis.call('HSET', KEYS[1], 'lease', lease, 'expires', expires)
redis.call('PEXPIREAT', KEYS[1], expires)
return 'ok'`

/** Arguments: token, the state in which it ends, ttl in milliseconds, content. */
export const finishScript = `${clock}
local record = redis.call('HMGET', KEYS[1], 'state', 'token')
if record[2] ~= ARGV[1] then return 'stale' end
if record[1] ~= 'running' then return record[1] == ARGV[2] and 'ok' or 'stale' end
local expires = now + ARGV[3]
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'content', ARGV[4], 'expires', expires)
redis.call('PEXPIREAT', KEYS[1], expires)
return 'ok'`

/** Argument: token. */
export const releaseScript = `
local record = redis.call('HMGET', KEYS[1], 'state', 'token')
if record[1] ~= 'running' or record[2] ~= ARGV[1] then return 'stale' end
redis.call('DEL', KEYS[1])
return 'ok'`

/**
 * Answers with the time, the fields, and the content, or where the argument is not 1 whether there is any; nothing where there is no
 * record.
 */
export const showScript = `${clock}
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local record = redis.call('HMGET', KEYS[1], 'scope', 'fingerprint', 'state', 'attempt', 'created', 'lease', 'expires')
local look = ARGV[1] == '1' and 'HGET' or 'HEXISTS'
return {now, record, redis.call(look, KEYS[1], 'content')}`

/** Arguments: release or settle, ttl in milliseconds, content. What cannot be read can be released. */
export const resolveScript = `${clock}
if redis.call('EXISTS', KEYS[1]) == 0 then return 'absent' end
local record = redis.call('HMGET', KEYS[1], 'state', 'lease', 'fingerprint')
local state, lease = record[1], tonumber(record[2])
if state == 'running' and lease and now < lease then return 'live' end
if ARGV[1] == 'release' then
  redis.call('DEL', KEYS[1])
  return 'ok'
end
if state == 'settled' then return 'settled' end
if not (state and lease and record[3]) then return 'unreadable' end
local expires = now + ARGV[2]
redis.call('HSET', KEYS[1], 'state', 'settled', 'content', ARGV[3], 'expires', expires)
redis.call('HDEL', KEYS[1], 'token')
redis.call('PEXPIREAT', KEYS[1], expires)
return 'ok'`

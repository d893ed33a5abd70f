import { columns } from './key-columns.js'

/** `columnsOf(key, id)`: what a reply holds of a key, or nothing where there is none. Quotas are found by the column `meterId`. */
function reading(quotas: string): string {
  const names = columns.map((name) => `'${name}'`).join(', ')
  return `
local function columnsOf(key, id)
  local found = redis.call('HMGET', key, ${names})
  local meter = found[${place('meterId')}]
  if not meter and redis.call('EXISTS', key) == 0 then return false end
  table.insert(found, meter and redis.call('HGET', ${quotas}, meter))
  table.insert(found, id)
  return found
end`
}

/** Where a column stands, as Lua counts. */
function place(column: (typeof columns)[number]): number {
  return columns.indexOf(column) + 1
}

/** Opens a script that changes a key. What has no digest is none, and another program's. */
const unlessAbsent = `
if redis.call('HEXISTS', KEYS[1], 'digest') == 0 then return 0 end`

/**
 * Ends a script that has changed a key: arguments 1 and 2 are the channel and the id. In one step with the write, so that whoever
 * hears of it reads what was written. A user who may not publish has written all the same.
 */
const tellAll = `
redis.pcall('PUBLISH', ARGV[1], ARGV[2])
return 1`

/** `write(key, first, last)` sets the columns whose names and values stand among the arguments; an empty value is none. */
const writing = `
local function write(key, first, last)
  for index = first, last, 2 do
    if ARGV[index + 1] == '' then redis.call('HDEL', key, ARGV[index])
    else redis.call('HSET', key, ARGV[index], ARGV[index + 1]) end
  end
end`

/** `earlier(key, time)` ends the key then, or as before where that comes first. */
const ending = `
local function earlier(key, time)
  local before = redis.call('HGET', key, 'expiresAtMs')
  if not before or tonumber(time) < (tonumber(before) or 0) then redis.call('HSET', key, 'expiresAtMs', time) end
end`

/**
 * Keys: the key, all ids, the owner's ids, lookups, the meter's ids, quotas, what the names of keys begin with. Arguments: id, how many
 * active keys the owner may have or none, now, quota or none, lookup or none, meter as a column, names and values of all columns.
 */
export const insertScript = `${writing}
if redis.call('EXISTS', KEYS[1]) == 1 then
  local lasting = {ownerId = 1, algorithm = 1, pepperId = 1, digest = 1, lookup = 1, createdAtMs = 1}
  for index = 7, #ARGV, 2 do
    local isOther = (redis.call('HGET', KEYS[1], ARGV[index]) or '') ~= ARGV[index + 1]
    if lasting[ARGV[index]] and isOther then return 'taken' end
  end
  return 'ok'
end
if ARGV[5] ~= '' and redis.call('HEXISTS', KEYS[4], ARGV[5]) == 1 then return 'taken' end
if ARGV[2] ~= '' then
  local active = 0
  for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    local found = redis.call('HMGET', KEYS[7] .. id, 'digest', 'revokedAtMs', 'expiresAtMs')
    local isOver = found[2] or (found[3] and (tonumber(found[3]) or 0) <= tonumber(ARGV[3]))
    if found[1] and not isOver then active = active + 1 end
  end
  if active >= tonumber(ARGV[2]) then return 'full' end
end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], ARGV[5], ARGV[1]) end
redis.call('SADD', KEYS[5], ARGV[1])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[6], ARGV[6], ARGV[4]) end
write(KEYS[1], 7, #ARGV)
return 'ok'`

/** Keys: the key, quotas. Argument: id. A script, and not the command: clients may send commands that only read to a replica. */
export const findScript = `${reading('KEYS[2]')}
return columnsOf(KEYS[1], ARGV[1])`

/** Keys: lookups, quotas, what the names of keys begin with. Arguments: lookups. */
export const findByLookupScript = `${reading('KEYS[2]')}
for _, id in ipairs(redis.call('HMGET', KEYS[1], unpack(ARGV))) do
  local found = id and columnsOf(KEYS[3] .. id, id)
  if found then return found end
end
return false`

/**
 * Keys: all ids or the owner's, quotas, what the names of keys begin with. Arguments: after, how many keys, how many ids to look
 * at, environment or none, what the JSON of the name holds or none. Answers with the id to go on after, empty at the end, and keys.
 */
export const listScript = `${reading('KEYS[2]')}
local ids = redis.call('ZRANGEBYLEX', KEYS[1], '(' .. ARGV[1], '+', 'LIMIT', 0, ARGV[3])
local page = {}
for index, id in ipairs(ids) do
  local found = columnsOf(KEYS[3] .. id, id)
  local isWanted = found and (ARGV[4] == '' or found[${place('environment')}] == ARGV[4])
    and (ARGV[5] == '' or string.find(found[${place('name')}] or '', ARGV[5], 1, true))
  if isWanted then table.insert(page, found) end
  if #page == tonumber(ARGV[2]) and index < #ids then return {id, page} end
end
return {#ids == tonumber(ARGV[3]) and ids[#ids] or '', page}`

/**
 * Keys: the key, quotas, what the names of meters' indexes begin with. Arguments: channel, id, quota or none, names and values. Answers
 * with the ids of all that share the quota, and tells of each.
 */
export const setQuotaScript = `${writing}
local meter = redis.call('HGET', KEYS[1], 'meterId')
if not meter then return {} end
if ARGV[3] == '' then redis.call('HDEL', KEYS[2], meter) else redis.call('HSET', KEYS[2], meter, ARGV[3]) end
write(KEYS[1], 4, #ARGV)
local sharing = redis.call('SMEMBERS', KEYS[3] .. meter)
for _, id in ipairs(sharing) do redis.pcall('PUBLISH', ARGV[1], id) end
return sharing`

/**
 * Keys: the old key, the new one, all ids, what the names of owners' and of meters' indexes begin with. Arguments: channel, old id, new id, now,
 * the old key's end or none, new id as a column, names and values of what the new key has of its own.
 */
export const rotateScript = `${writing}${ending}
if redis.call('HEXISTS', KEYS[1], 'digest') == 0 then return 'absent' end
local old = redis.call('HMGET', KEYS[1], 'revokedAtMs', 'rotatedTo', 'expiresAtMs', 'ownerId', 'meterId')
if old[1] then return 'revoked' end
if old[2] then return 'rotated' end
if not old[4] or not old[5] then return 'unreadable' end
if old[3] and (tonumber(old[3]) or 0) <= tonumber(ARGV[4]) then return 'expired' end
if redis.call('EXISTS', KEYS[2]) == 1 then return 'taken' end
redis.call('COPY', KEYS[1], KEYS[2])
redis.call('HDEL', KEYS[2], 'lookup', 'lastUsedAtMs')
write(KEYS[2], 7, #ARGV)
redis.call('ZADD', KEYS[3], 0, ARGV[3])
redis.call('ZADD', KEYS[4] .. old[4], 0, ARGV[3])
redis.call('SADD', KEYS[5] .. old[5], ARGV[3])
redis.call('HSET', KEYS[1], 'rotatedTo', ARGV[6])
if ARGV[5] ~= '' then earlier(KEYS[1], ARGV[5]) end
redis.pcall('PUBLISH', ARGV[1], ARGV[2])
return 'ok'`

/** Key: the key. Arguments: channel, id, time. */
export const shortenScript = `${ending}${unlessAbsent}
earlier(KEYS[1], ARGV[3])${tellAll}`

/** Key: the key. Arguments: channel, id, time, reason or none. */
export const revokeScript = `${unlessAbsent}
if redis.call('HSETNX', KEYS[1], 'revokedAtMs', ARGV[3]) == 1 and ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'revocationReason', ARGV[4])
end${tellAll}`

/** Keys: the owner's ids, what the names of keys begin with. Arguments: channel, time, reason or none. */
export const revokeAllScript = `
local revoked = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = KEYS[2] .. id
  if redis.call('HEXISTS', key, 'digest') == 1 and redis.call('HSETNX', key, 'revokedAtMs', ARGV[2]) == 1 then
    if ARGV[3] ~= '' then redis.call('HSET', key, 'revocationReason', ARGV[3]) end
    redis.pcall('PUBLISH', ARGV[1], id)
    table.insert(revoked, id)
  end
end
return revoked`

/** Key: the key. Arguments: channel, id, names and values. */
export const setScript = `${writing}${unlessAbsent}
write(KEYS[1], 3, #ARGV)${tellAll}`

/** Keys: the key, all ids, lookups, quotas, what the names of owners' and of meters' indexes begin with. Arguments: channel, id. */
export const removeScript = `${unlessAbsent}
local found = redis.call('HMGET', KEYS[1], 'ownerId', 'lookup', 'meterId')
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
if found[1] then redis.call('ZREM', KEYS[5] .. found[1], ARGV[2]) end
if found[2] then redis.call('HDEL', KEYS[3], found[2]) end
if found[3] then
  redis.call('SREM', KEYS[6] .. found[3], ARGV[2])
  if redis.call('EXISTS', KEYS[6] .. found[3]) == 0 then redis.call('HDEL', KEYS[4], found[3]) end
end${tellAll}`

/** Key: the key. Argument: time. */
export const touchScript = `${unlessAbsent}
local before = tonumber(redis.call('HGET', KEYS[1], 'lastUsedAtMs'))
if not before or before < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'lastUsedAtMs', ARGV[1]) end
return 1`

/** Keys: the key, lookups. Arguments: channel, id, the digest that it has (three columns), names and values; the lookup is the last. */
export const rehashScript = `${writing}${unlessAbsent}
local before = redis.call('HMGET', KEYS[1], 'algorithm', 'pepperId', 'digest', 'lookup')
for index = 1, 3 do
  if (before[index] or '') ~= ARGV[index + 2] then return 0 end
end
local lookup = ARGV[#ARGV]
if lookup ~= '' and (redis.call('HGET', KEYS[2], lookup) or ARGV[2]) ~= ARGV[2] then return 0 end
if before[4] then redis.call('HDEL', KEYS[2], before[4]) end
if lookup ~= '' then redis.call('HSET', KEYS[2], lookup, ARGV[2]) end
write(KEYS[1], 6, #ARGV)${tellAll}`

/** Key: quotas. Arguments: meter, now. The arithmetic of a refill is core's. */
export const spendScript = `
local quota = redis.call('HGET', KEYS[1], ARGV[1])
if not quota then return {0, 0, false} end
local remaining, amount, seconds, due = string.match(quota, '^(%S+) (%S+) (%S+) (%S+)$')
local left, dueAt, now = tonumber(remaining), tonumber(due), tonumber(ARGV[2])
if not left then return {'unreadable'} end
if tonumber(amount) and tonumber(seconds) and dueAt and now >= dueAt then
  local period = seconds * 1000
  left = tonumber(amount)
  dueAt = dueAt + (math.floor((now - dueAt) / period) + 1) * period
end
local at = dueAt and string.format('%.0f', dueAt)
if left <= 0 then return {0, 0, at or false} end
redis.call('HSET', KEYS[1], ARGV[1], table.concat({string.format('%.0f', left - 1), amount, seconds, at or '-'}, ' '))
return {1, left - 1, at or false}`

import type { CountRequest } from '../rates.js'
import type { Connection } from './connection.js'
import { unreadable } from './fault.js'

/**
 * Arguments: limit, window in milliseconds. A key that another hand has made without an end, and one that ends in this millisecond,
 * are windows that have ended.
 */
const countScript = `
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
  return {1, tonumber(ARGV[2])}
end
local requests = tonumber(redis.call('GET', KEYS[1]))
if not requests then return false end
if requests < tonumber(ARGV[1]) then redis.call('INCR', KEYS[1]) end
return {requests + 1, left}`

/**
 * Windows are numbers named `rate:` and their meter, which expire by themselves. No replica is waited for: a count that is lost
 * with its master lets a few more requests in, and one that is waited for would let none in while a replica is away.
 */
export function redisWindows(connection: Connection, keyPrefix: string): CountRequest {
  return async (meterId, limit, windowMs) => {
    const key = `${keyPrefix}rate:${JSON.stringify(meterId)}`
    const reply = await connection.read(countScript, [key], String(limit), String(windowMs))
    if (reply === null) throw unreadable('A count of requests')
    const [requests, leftMs] = reply as readonly unknown[]
    return { requests: Number(requests), leftMs: Number(leftMs) }
  }
}

import type { ReplayStore, Reservation } from '@latchkey/core'
import { clock } from './clock.js'
import type { Connection } from './connection.js'
import { unreadable } from './fault.js'
import { milliseconds, text, wordIn, writes } from './reply.js'

/** How long a lapsed reservation stays. */
const lapsedMs = 3_600_000

/** Arguments: token, lease in milliseconds. */
const reserveScript = `${clock}
local entry = redis.call('HMGET', KEYS[1], 'state', 'token', 'lease')
local lease = tonumber(entry[3])
if entry[1] == 'committed' then return {'committed'} end
if entry[1] and not (entry[1] == 'reserved' and lease) then return {'unreadable'} end
if not entry[1] and redis.call('EXISTS', KEYS[1]) == 1 then return {'unreadable'} end
if entry[1] and entry[2] ~= ARGV[1] and now < lease then return {'running', lease - now} end
lease = now + ARGV[2]
redis.call('HSET', KEYS[1], 'state', 'reserved', 'token', ARGV[1], 'lease', lease)
redis.call('PEXPIREAT', KEYS[1], lease + ${lapsedMs})
return {'reserved'}`

/** Arguments: token, ttl in milliseconds. */
const commitScript = `
local entry = redis.call('HMGET', KEYS[1], 'state', 'token')
if entry[2] ~= ARGV[1] then return 'stale' end
if entry[1] == 'committed' then return 'ok' end
redis.call('HSET', KEYS[1], 'state', 'committed')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'ok'`

/** Argument: token. */
const releaseScript = `
local entry = redis.call('HMGET', KEYS[1], 'state', 'token')
if entry[1] ~= 'reserved' or entry[2] ~= ARGV[1] then return 'stale' end
redis.call('DEL', KEYS[1])
return 'ok'`

/** {@link ReplayStore} in hashes named `replay:` and their id, which expire by themselves. */
export class RedisReplayStore implements ReplayStore {
  readonly #connection: Connection
  readonly #prefix: string

  constructor(connection: Connection, keyPrefix: string) {
    this.#connection = connection
    this.#prefix = `${keyPrefix}replay:`
  }

  async reserve(id: string, token: string, leaseSeconds: number): Promise<Reservation> {
    const reply = await this.#connection.write(reserveScript, [this.#prefix + id], token, milliseconds(leaseSeconds))
    const [outcome, value] = reply as readonly unknown[]
    const name = text(outcome)
    if (name === 'running') return { outcome: name, leaseRemainingMs: Number(value) }
    if (name === 'reserved' || name === 'committed') return { outcome: name }
    throw unreadable('An entry of the replay window')
  }

  async commit(id: string, token: string, ttlSeconds: number): Promise<'ok' | 'stale'> {
    const reply = await this.#connection.write(commitScript, [this.#prefix + id], token, milliseconds(ttlSeconds))
    return wordIn(reply, writes)
  }

  async release(id: string, token: string): Promise<'ok' | 'stale'> {
    return wordIn(await this.#connection.write(releaseScript, [this.#prefix + id], token), writes)
  }
}

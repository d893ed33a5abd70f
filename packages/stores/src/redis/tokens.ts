import type { TokenRecord, TokenStore } from '@latchkey/core'
import { clock } from './clock.js'
import type { Connection } from './connection.js'
import { unreadable } from './fault.js'
import { milliseconds, number, text } from './reply.js'

/** A member of a subject's index: the token's id, a space, and its purpose. */
const split = `string.match(member, '^(%S+) (.*)$')`

/**
 * Keys: the token, the subject's index, what the names of tokens begin with. Arguments: the record, ttl in milliseconds, id, purpose,
 * whether it replaces. The index forgets what has expired, and lives as long as the token that lives longest. Setting the token
 * comes first: a server without memory refuses a script only before it has written.
 */
const insertScript = `${clock}
local replaces = ARGV[5] == 'yes'
local members = redis.call('ZRANGE', KEYS[2], 0, replaces and -1 or 0)
local expires = now + ARGV[2]
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', expires)
if replaces then
  for _, member in ipairs(members) do
    local id, purpose = ${split}
    if purpose == ARGV[4] and id ~= ARGV[3] then
      redis.call('DEL', KEYS[3] .. id)
      redis.call('ZREM', KEYS[2], member)
    end
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], expires, ARGV[3] .. ' ' .. ARGV[4])
redis.call('PEXPIREAT', KEYS[2], redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2])
return expires`

/** Key: the token. A script, and not the command: replicas are waited for behind scripts. */
const consumeScript = `return redis.call('GETDEL', KEYS[1])`

/** Keys: the subject's index, what the names of tokens begin with. Argument: purpose, or none. Counts what was still there. */
const revokeAllScript = `
local count = 0
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local id, purpose = ${split}
  if not ARGV[1] or purpose == ARGV[1] then
    count = count + redis.call('DEL', KEYS[2] .. id)
    redis.call('ZREM', KEYS[1], member)
  end
end
return count`

/**
 * {@link TokenStore} in texts that expire by themselves, with a sorted set of each subject's ids. All share the hash tag
 * `{tokens}`: only a token's record tells whose it is, and a script must reach both from either side. A token that was consumed
 * stays in its subject's index, where it leads nowhere, until it would have expired.
 */
export class RedisTokenStore implements TokenStore {
  readonly #connection: Connection
  readonly #prefix: string

  constructor(connection: Connection, keyPrefix: string) {
    this.#connection = connection
    this.#prefix = `${keyPrefix}{tokens}:`
  }

  async insert({ id, ...record }: TokenRecord, ttlSeconds: number, replaces: boolean): Promise<number> {
    const { subject, purpose } = record
    const expiresAtMs = await this.#connection.write(
      insertScript,
      [this.#token(id), this.#index(subject), this.#token('')],
      JSON.stringify(record),
      milliseconds(ttlSeconds),
      id,
      purpose,
      replaces ? 'yes' : 'no',
    )
    return number(expiresAtMs)!
  }

  async consume(id: string): Promise<TokenRecord | undefined> {
    const record = await this.#connection.write(consumeScript, [this.#token(id)])
    return record === null ? undefined : recordIn(id, text(record))
  }

  async revokeAll(subject: string, purpose?: string): Promise<number> {
    const keys = [this.#index(subject), this.#token('')]
    return number(await this.#connection.write(revokeAllScript, keys, ...(purpose === undefined ? [] : [purpose])))!
  }

  #token(id: string): string {
    return `${this.#prefix}token:${id}`
  }

  #index(subject: string): string {
    return `${this.#prefix}subject:${JSON.stringify(subject)}`
  }
}

/** JSON is UTF-8 whatever the texts hold. */
function recordIn(id: string, stored: string): TokenRecord {
  try {
    const { subject, purpose, data } = JSON.parse(stored) as Record<string, unknown>
    if ([subject, purpose, data].every((column) => typeof column === 'string')) {
      return { id, subject, purpose, data } as TokenRecord
    }
  } catch {
    // It is no JSON.
  }
  throw unreadable('A one-time token')
}

import type {
  Claim,
  ClaimRequest,
  FencedWrite,
  IdempotencyRecord,
  IdempotencyStore,
  RecordQuery,
  Resolution,
} from '@latchkey/core'
import type { Connection } from './connection.js'
import { unreadable } from './fault.js'
import {
  claimScript,
  finishScript,
  releaseScript,
  renewScript,
  resolveScript,
  showScript,
} from './idempotency-scripts.js'
import { recordIn } from './record.js'
import { listRecords } from './record-list.js'
import { bytes, milliseconds, text, wordIn, writes } from './reply.js'

/** {@link IdempotencyStore} in hashes named `idempotency:` and their id, which expire by themselves. */
export class RedisIdempotencyStore implements IdempotencyStore {
  readonly #connection: Connection
  readonly #prefix: string

  constructor(connection: Connection, keyPrefix: string) {
    this.#connection = connection
    this.#prefix = `${keyPrefix}idempotency:`
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const { id, scope, fingerprint, token, leaseSeconds, ttlSeconds, takeOver } = request
    const times = [milliseconds(leaseSeconds), milliseconds(ttlSeconds)]
    const flag = takeOver ? '1' : '0'
    const reply = await this.#connection.write(claimScript, this.#key(id), scope, fingerprint, token, ...times, flag)
    return claimIn(reply as readonly unknown[])
  }

  async renew(id: string, token: string, leaseSeconds: number, ttlSeconds: number): Promise<FencedWrite> {
    const times = [milliseconds(leaseSeconds), milliseconds(ttlSeconds)]
    return writeIn(await this.#connection.write(renewScript, this.#key(id), token, ...times))
  }

  settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): Promise<FencedWrite> {
    return this.#finish(id, token, 'settled', reply, ttlSeconds)
  }

  tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): Promise<FencedWrite> {
    return this.#finish(id, token, 'tombstone', note, ttlSeconds)
  }

  async release(id: string, token: string): Promise<FencedWrite> {
    return writeIn(await this.#connection.write(releaseScript, this.#key(id), token))
  }

  async find(id: string): Promise<IdempotencyRecord | undefined> {
    return recordIn(id, await this.#connection.read(showScript, this.#key(id), '1'))
  }

  /** Goes through all keys of all masters in steps: for operators, at their leisure. A key of another type is no record. */
  list(query: RecordQuery): Promise<readonly IdempotencyRecord[]> {
    const show = async (id: string) => recordIn(id, await this.#connection.read(showScript, this.#key(id), '0'))
    return listRecords(this.#connection, this.#prefix, query, show)
  }

  async resolve(id: string, resolution: Resolution, ttlSeconds: number): Promise<'ok' | 'live' | 'settled' | 'absent'> {
    const content = Buffer.from(resolution.kind === 'settle' ? resolution.reply : [])
    const values = [resolution.kind, milliseconds(ttlSeconds), content]
    const reply = await this.#connection.write(resolveScript, this.#key(id), ...values)
    const answer = wordIn(reply, ['ok', 'live', 'settled', 'absent', 'unreadable'])
    if (answer === 'unreadable') throw unreadable('An idempotency record')
    return answer
  }

  async #finish(
    id: string,
    token: string,
    state: 'settled' | 'tombstone',
    content: Uint8Array,
    ttlSeconds: number,
  ): Promise<FencedWrite> {
    const values = [token, state, milliseconds(ttlSeconds), Buffer.from(content)]
    return writeIn(await this.#connection.write(finishScript, this.#key(id), ...values))
  }

  #key(id: string): readonly [string] {
    return [this.#prefix + id]
  }
}

function claimIn([outcome, value]: readonly unknown[]): Claim {
  const name = text(outcome)
  switch (name) {
    case 'claimed':
      return { outcome: name, attempt: Number(value) }
    case 'running':
      return { outcome: name, leaseRemainingMs: Number(value) }
    case 'mismatch':
    case 'lapsed':
      return { outcome: name }
  }
  const content = bytes(value)
  if (name === 'settled' && content !== undefined) return { outcome: name, reply: content }
  if (name === 'tombstone' && content !== undefined) return { outcome: name, note: content }
  throw unreadable('An idempotency record')
}

function writeIn(reply: unknown): FencedWrite {
  return wordIn(reply, writes)
}

import type { Awaitable, Reply } from '../guard.js'
import { type Handler, type Rig, type RigStore, replyOf } from './guard-rig.js'
import type { SettledReply } from './reply/settled-reply.js'
import type { FencedWrite, RecordTransaction } from './store.js'

/**
 * A transaction of the application's on a {@link RigStore}: what it writes nobody sees before the commit, and fenced writes of
 * others wait for its end, as in Postgres.
 */
export class RigTransaction implements RecordTransaction {
  readonly isSynchronous: boolean
  /** Thrown in place of the write. */
  fails: Error | undefined
  readonly #store: RigStore
  #unlock: () => void = () => undefined
  #apply: () => void = () => undefined

  constructor(store: RigStore, isSynchronous = false) {
    this.#store = store
    this.isSynchronous = isSynchronous
  }

  settle(id: string, token: string, reply: Uint8Array): Awaitable<FencedWrite> {
    return this.#write(id, token, 'settled', reply)
  }

  tombstone(id: string, token: string, note: Uint8Array): Awaitable<FencedWrite> {
    return this.#write(id, token, 'tombstone', note)
  }

  commit(): void {
    this.#apply()
    this.rollback()
  }

  rollback(): void {
    this.#apply = () => undefined
    this.#store.locked = undefined
    this.#unlock()
  }

  #write(id: string, token: string, state: 'settled' | 'tombstone', content: Uint8Array): Awaitable<FencedWrite> {
    const write = (): FencedWrite => {
      if (this.fails !== undefined) throw this.fails
      const row = this.#store.rows.get(id)
      if (row?.token !== token || row.state !== 'running') return 'stale'
      this.#apply = () => Object.assign(row, { state, content })
      this.#store.locked = new Promise((resolve) => {
        this.#unlock = resolve
      })
      return 'ok'
    }
    return this.isSynchronous ? write() : Promise.resolve().then(write)
  }
}

/** What is settled in transactions, the same as a handler answers it, and what a client makes of it. */
export const paid: SettledReply = { status: 201, json: { paid: true } }
export const same: Reply = replyOf(201, [['content-type', 'application/json']], '{"paid":true}')
export const stored = { status: 201, body: '{"paid":true}' }

/** A handler that settles in a transaction, ends it, and answers; `null`: it throws. */
export function settling(rig: Rig, end: 'commit' | 'rollback', made: Reply | null = same): Handler {
  return async ({ settleIn }) => {
    const transaction = new RigTransaction(rig.store)
    await settleIn(transaction, paid)
    transaction[end]()
    return made ?? undefined
  }
}

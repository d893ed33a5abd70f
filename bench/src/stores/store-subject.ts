import type { IdempotencyStore } from '@latchkey/core'
import type { Subject } from '../area.js'
import { storedBody } from '../memory/layouts.js'

/** Something that lets requests run once, in a database. */
export interface StoreSubject extends Subject {
  /** Claims the key and stores a reply of 200 bytes under it. */
  first(key: string): Promise<void>
  /** Finds the reply that is there. */
  replay(key: string): Promise<void>
}

/** A database that several subjects share, one after the other. */
export interface Database {
  readonly name: string
  readonly subjects: readonly StoreSubject[]
  /** How many round trips it has had until now, by its own count or its client's; absent where there are none. */
  trips?(): Promise<number>
  close(): Promise<void>
}

export const daySeconds = 86_400

export const storedText = storedBody.toString('latin1')

/** A store of Latchkey, asked as the guard asks it. */
export function latchkeySubject(name: string, idempotency: IdempotencyStore): StoreSubject {
  const claim = async (key: string) =>
    idempotency.claim({
      id: key,
      scope: 'alice',
      fingerprint: '7Xq8Zr0cP1mZ4lYb0dS2k9wV3tR6uE5nA8hJ1gF2iQk',
      token: key,
      leaseSeconds: 30,
      ttlSeconds: daySeconds,
      takeOver: false,
    })
  return {
    name,
    kind: 'latchkey',
    first: async (key) => {
      const { outcome } = await claim(key)
      if (outcome !== 'claimed') throw new Error(`${name}: a new key was ${outcome}`)
      if ((await idempotency.settle(key, key, storedBody, daySeconds)) !== 'ok') throw new Error(`${name}: not settled`)
    },
    replay: async (key) => {
      const { outcome } = await claim(key)
      if (outcome !== 'settled') throw new Error(`${name}: a repetition was ${outcome}`)
    },
  }
}

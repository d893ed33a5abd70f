import type { Awaitable, Store } from '@latchkey/core'

const modes = {
  claim: ['ok', 'fail', 'hang', 'lose-answer'],
  settle: ['ok', 'fail', 'hang'],
  keys: ['ok', 'fail', 'hang'],
} as const

/** What goes wrong between the guards and their store. `claim` holds for reservations too, `settle` for commits, `keys` for their rates. */
type Faults = { readonly [Part in keyof typeof modes]: (typeof modes)[Part][number] }

export interface FaultyStore {
  readonly store: Store
  show(): Faults
  /** Changes what `change` names; `false`, and nothing is changed, where it names what does not exist. */
  inject(change: unknown): boolean
}

/** The store, with faults put between it and the guards on request. */
export function faultyStore(store: Store): FaultyStore {
  let faults: Faults = { claim: 'ok', settle: 'ok', keys: 'ok' }
  const failing =
    <Args extends unknown[], Answer>(part: keyof Faults, work: (...args: Args) => Awaitable<Answer>) =>
    (...args: Args): Awaitable<Answer> => {
      const mode = faults[part]
      if (mode === 'ok') return work(...args)
      if (mode === 'hang') return new Promise<Answer>(() => {})
      if (mode === 'lose-answer') return Promise.resolve(work(...args)).then(() => fail('the answer was lost'))
      return fail('the store is down')
    }
  const { idempotency, keys, rates, replay, tokens } = store
  return {
    store: {
      keys: {
        insert: failing('keys', (record, max) => keys.insert(record, max)),
        find: failing('keys', (id) => keys.find(id)),
        findByLookup: failing('keys', (lookups) => keys.findByLookup(lookups)),
        list: failing('keys', (query) => keys.list(query)),
        update: failing('keys', (id, changes) => keys.update(id, changes)),
        rotate: failing('keys', (id, successor, endsAtMs) => keys.rotate(id, successor, endsAtMs)),
        shorten: failing('keys', (id, atMs) => keys.shorten(id, atMs)),
        revoke: failing('keys', (id, atMs, reason) => keys.revoke(id, atMs, reason)),
        revokeAll: failing('keys', (ownerId, atMs, reason) => keys.revokeAll(ownerId, atMs, reason)),
        setDisabled: failing('keys', (id, atMs) => keys.setDisabled(id, atMs)),
        remove: failing('keys', (id) => keys.remove(id)),
        touch: failing('keys', (id, atMs) => keys.touch(id, atMs)),
        rehash: failing('keys', (id, from, to) => keys.rehash(id, from, to)),
        spend: failing('keys', (meterId, nowMs) => keys.spend(meterId, nowMs)),
        watch: (watcher) => keys.watch(watcher),
      },
      idempotency: {
        claim: failing('claim', (request) => idempotency.claim(request)),
        settle: failing('settle', (id, token, reply, ttl) => idempotency.settle(id, token, reply, ttl)),
        tombstone: failing('settle', (id, token, note, ttl) => idempotency.tombstone(id, token, note, ttl)),
        renew: (id, token, lease, ttl) => idempotency.renew(id, token, lease, ttl),
        release: (id, token) => idempotency.release(id, token),
        find: (id) => idempotency.find(id),
        list: (query) => idempotency.list(query),
        resolve: (id, resolution, ttl) => idempotency.resolve(id, resolution, ttl),
      },
      replay: {
        reserve: failing('claim', (id, token, lease) => replay.reserve(id, token, lease)),
        commit: failing('settle', (id, token, ttl) => replay.commit(id, token, ttl)),
        release: (id, token) => replay.release(id, token),
      },
      rates: { count: failing('keys', (meterId, rateLimit) => rates.count(meterId, rateLimit)) },
      tokens,
      close: () => store.close(),
    },
    show: () => faults,
    inject: (change) => {
      if (!isChange(change)) return false
      faults = { ...faults, ...change }
      return true
    },
  }
}

function fail(message: string): never {
  throw new Error(message)
}

function isChange(change: unknown): change is Partial<Faults> {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return false
  return Object.entries(change).every(
    ([part, mode]) => Object.hasOwn(modes, part) && (modes[part as keyof Faults] as readonly unknown[]).includes(mode),
  )
}

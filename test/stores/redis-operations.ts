import type { KeyRecord, ReplayStore, Store } from '@latchkey/core'
import { key, request } from './redis-rig.js'

/** An operation of the store on a subject of its own. */
export interface Operation {
  /** Brings about what it works on. */
  prepare?(store: Store, id: string): Promise<unknown>
  run(store: Store, id: string): Promise<unknown>
  /** What it answers, asked for once. */
  readonly answer: unknown
  /** What else it answers when it is asked for again, and has been carried out before. */
  readonly again?: unknown
  /** What it writes: a command that reads it, and what that answers before and after. */
  readonly writes?: {
    readonly look: (id: string) => readonly string[]
    readonly before: unknown
    readonly after: (id: string) => unknown
  }
}

const reply = Buffer.from('reply')
const claimed = async ({ idempotency }: Store, id: string) => idempotency.claim(request(id))
const lapsing = async ({ idempotency }: Store, id: string) => {
  await idempotency.claim(request(id))
  await idempotency.tombstone(id, `token ${id}`, reply, 600)
}
const reserved = async ({ replay }: { replay: ReplayStore }, id: string) => replay.reserve(id, 'token', 30)
const inserted = async ({ keys }: Store, id: string) => keys.insert({ ...key, id, meterId: id })
const insertedWith = (traits: (id: string) => Partial<KeyRecord>) => async (store: Store, id: string) =>
  store.keys.insert({ ...key, id, meterId: id, ...traits(id) })

/** Fields of the hash under a name, each as a text. */
const fields =
  (name: string, ...names: string[]) =>
  (id: string) => ['HMGET', `faulty:${name}:${id}`, ...names]

const record = fields('idempotency', 'state', 'token')
const running = (id: string) => ['running', `token ${id}`]
const nothing = [null, null]

export const operations: Readonly<Record<string, Operation>> = {
  claim: {
    run: claimed,
    answer: { outcome: 'claimed', attempt: 1 },
    writes: { look: record, before: nothing, after: running },
  },
  renew: {
    prepare: claimed,
    run: async ({ idempotency }, id) => idempotency.renew(id, `token ${id}`, 30, 600),
    answer: 'ok',
  },
  settle: {
    prepare: claimed,
    run: async ({ idempotency }, id) => idempotency.settle(id, `token ${id}`, reply, 600),
    answer: 'ok',
    writes: {
      look: fields('idempotency', 'state', 'content'),
      before: ['running', null],
      after: () => ['settled', 'reply'],
    },
  },
  tombstone: {
    prepare: claimed,
    run: async ({ idempotency }, id) => idempotency.tombstone(id, `token ${id}`, reply, 600),
    answer: 'ok',
    writes: {
      look: fields('idempotency', 'state', 'content'),
      before: ['running', null],
      after: () => ['tombstone', 'reply'],
    },
  },
  release: {
    prepare: claimed,
    run: async ({ idempotency }, id) => idempotency.release(id, `token ${id}`),
    answer: 'ok',
    again: 'stale',
    writes: { look: fields('idempotency', 'state', 'content'), before: ['running', null], after: () => nothing },
  },
  find: {
    prepare: claimed,
    run: async ({ idempotency }, id) => (await idempotency.find(id))?.state,
    answer: 'running',
  },
  'list of records': {
    prepare: claimed,
    run: async ({ idempotency }, id) => (await idempotency.list({ limit: 100 })).some((found) => found.id === id),
    answer: true,
  },
  resolve: {
    prepare: lapsing,
    run: async ({ idempotency }, id) => idempotency.resolve(id, { kind: 'settle', reply }, 600),
    answer: 'ok',
    again: 'settled',
    writes: {
      look: fields('idempotency', 'state', 'content'),
      before: ['tombstone', 'reply'],
      after: () => ['settled', 'reply'],
    },
  },
  reserve: {
    run: reserved,
    answer: { outcome: 'reserved' },
    writes: { look: fields('replay', 'state', 'token'), before: nothing, after: () => ['reserved', 'token'] },
  },
  commit: {
    prepare: reserved,
    run: async ({ replay }, id) => replay.commit(id, 'token', 600),
    answer: 'ok',
    writes: {
      look: fields('replay', 'state', 'token'),
      before: ['reserved', 'token'],
      after: () => ['committed', 'token'],
    },
  },
  'release of a message': {
    prepare: reserved,
    run: async ({ replay }, id) => replay.release(id, 'token'),
    answer: 'ok',
    again: 'stale',
    writes: { look: fields('replay', 'state', 'token'), before: ['reserved', 'token'], after: () => nothing },
  },
  insert: {
    run: inserted,
    answer: 'ok',
    writes: { look: (id) => ['EXISTS', `faulty:{keys}:key:${id}`], before: 0, after: () => 1 },
  },
  'find of a key': {
    prepare: inserted,
    run: async ({ keys }, id) => (await keys.find(id))?.id === id,
    answer: true,
  },
  'list of keys': {
    prepare: inserted,
    run: async ({ keys }, id) => (await keys.list({ ownerId: 'alice', limit: 100 })).some((found) => found.id === id),
    answer: true,
  },
  revoke: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.revoke(id, 5, 'leaked'),
    answer: true,
    writes: {
      look: fields('{keys}:key', 'revokedAtMs', 'revocationReason'),
      before: nothing,
      after: () => ['5', '"leaked"'],
    },
  },
  setDisabled: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.setDisabled(id, 5),
    answer: true,
    writes: { look: fields('{keys}:key', 'disabledAtMs', 'revokedAtMs'), before: nothing, after: () => ['5', null] },
  },
  'find by lookup': {
    prepare: insertedWith((id) => ({ lookup: `lookup of ${id}` })),
    run: async ({ keys }, id) => (await keys.findByLookup(['none', `lookup of ${id}`]))?.id === id,
    answer: true,
  },
  update: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.update(id, { name: 'new', scopes: ['a:b'] }),
    answer: true,
    writes: { look: fields('{keys}:key', 'name', 'scopes'), before: [null, '[]'], after: () => ['"new"', '["a:b"]'] },
  },
  'update of a quota': {
    prepare: inserted,
    run: async ({ keys }, id) => keys.update(id, { quota: { remaining: 5, refill: null, refillAtMs: null } }),
    answer: true,
    writes: {
      look: (id) => ['HGET', 'faulty:{keys}:quotas', `"${id}"`],
      before: null,
      after: () => '5 - - -',
    },
  },
  rotate: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.rotate(id, { ...key, id: `${id} 2`, digest: 'another' }, 9),
    answer: 'ok',
    again: 'rotated',
    writes: {
      look: fields('{keys}:key', 'rotatedTo', 'expiresAtMs'),
      before: nothing,
      after: (id) => [`"${id} 2"`, '9'],
    },
  },
  shorten: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.shorten(id, 9),
    answer: true,
    writes: { look: fields('{keys}:key', 'expiresAtMs'), before: [null], after: () => ['9'] },
  },
  revokeAll: {
    prepare: insertedWith((id) => ({ ownerId: `owner of ${id}` })),
    run: async ({ keys }, id) => keys.revokeAll(`owner of ${id}`, 5, null),
    answer: ['revokeAll'],
    again: [],
    writes: { look: fields('{keys}:key', 'revokedAtMs'), before: [null], after: () => ['5'] },
  },
  remove: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.remove(id),
    answer: true,
    again: false,
    writes: { look: (id) => ['EXISTS', `faulty:{keys}:key:${id}`], before: 1, after: () => 0 },
  },
  touch: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.touch(id, 5),
    answer: true,
    writes: { look: fields('{keys}:key', 'lastUsedAtMs'), before: [null], after: () => ['5'] },
  },
  rehash: {
    prepare: inserted,
    run: async ({ keys }, id) => keys.rehash(id, key, { ...key, digest: 'another', lookup: `lookup of ${id}` }),
    answer: true,
    again: false,
    writes: {
      look: fields('{keys}:key', 'digest', 'lookup'),
      before: ['"d"', null],
      after: (id) => ['"another"', `"lookup of ${id}"`],
    },
  },
  spend: {
    prepare: insertedWith(() => ({ quota: { remaining: 9, refill: null, refillAtMs: null } })),
    run: async ({ keys }, id) => (await keys.spend(id, 5)).outcome,
    answer: 'ok',
  },
  'count of a request': {
    run: async ({ rates }, id) => (await rates.count(id, { limit: 9, windowSeconds: 600 })).isAllowed,
    answer: true,
  },
}

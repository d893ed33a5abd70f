import { expect } from 'vitest'
import type { Operation } from './postgres-operations.js'
import { key, token } from './postgres-records.js'

const some = (columns: object) => expect.objectContaining(columns)
const inserts: Operation['arrange'] = (store, id) => store.keys.insert(key(id))
const finds: Operation['run'] = (store, id) => store.keys.find(id)
/** Of an owner, a meter and a lookup of its own. */
const own = (id: string) => ({
  ...key(id),
  ownerId: id,
  lookup: id,
  quota: { remaining: 9, refill: null, refillAtMs: null },
})
const insertsOwn: Operation['arrange'] = (store, id) => store.keys.insert(own(id))
const successorOf = (id: string) => ({ ...key(`${id} next`), graceOnUseSeconds: null })
const rehashed = { algorithm: 'hmac-sha256', pepperId: '2026', digest: 'new', lookup: null }
const issues: Operation['arrange'] = (store, id) => store.tokens.insert({ ...token(id), subject: id }, 600, false)
/** What a token leaves: looking at it by the store would use it up. */
const findsToken: Operation['look'] = (_, id, rows) => rows(`SELECT id FROM latchkey_tokens WHERE id = '${id}'`)

/** What later parts of the contract have added, each an operation on its own records. */
export const keyOperations: readonly Operation[] = [
  {
    name: 'find of a key by its lookup',
    ...{ arrange: insertsOwn, run: (store, id) => store.keys.findByLookup(['none', id]), look: () => undefined },
    ...{ before: undefined, after: undefined, again: [some({ meterId: expect.any(String) })] },
  },
  {
    name: 'update',
    ...{ arrange: inserts, run: (store, id) => store.keys.update(id, { name: 'new' }), look: finds },
    ...{ before: some({ name: null }), after: some({ name: 'new' }), again: [true] },
  },
  {
    name: 'rotate',
    ...{ arrange: inserts, run: (store, id) => store.keys.rotate(id, successorOf(id), 7000), look: finds },
    before: some({ rotatedTo: null, expiresAtMs: null }),
    after: some({ rotatedTo: expect.stringContaining(' next'), expiresAtMs: 7000 }),
    again: ['ok', 'rotated', 'expired'],
  },
  {
    name: 'shorten',
    ...{ arrange: inserts, run: (store, id) => store.keys.shorten(id, 7000), look: finds },
    ...{ before: some({ expiresAtMs: null }), after: some({ expiresAtMs: 7000 }), again: [true] },
  },
  {
    name: 'revokeAll',
    ...{ arrange: insertsOwn, run: (store, id) => store.keys.revokeAll(id, 7, null), look: finds },
    before: some({ revokedAtMs: null }),
    ...{ after: some({ revokedAtMs: 7 }), again: [[], [expect.any(String)]] },
  },
  {
    name: 'remove',
    ...{ arrange: insertsOwn, run: (store, id) => store.keys.remove(id), look: finds },
    ...{ before: some({ revokedAtMs: null }), after: undefined, again: [true, false] },
  },
  {
    name: 'touch',
    ...{ arrange: inserts, run: (store, id) => store.keys.touch(id, 7), look: finds },
    ...{ before: some({ lastUsedAtMs: null }), after: some({ lastUsedAtMs: 7 }), again: [true] },
  },
  {
    name: 'rehash',
    ...{ arrange: inserts, run: (store, id) => store.keys.rehash(id, key(id), rehashed), look: finds },
    ...{ before: some({ pepperId: null }), after: some(rehashed), again: [true, false] },
  },
  {
    name: 'spend',
    ...{ arrange: insertsOwn, run: (store, id) => store.keys.spend(id, 5), look: () => undefined },
    ...{ before: undefined, after: undefined, again: [some({ outcome: 'ok' })] },
  },
  {
    name: 'count of a request',
    arrange: () => undefined,
    run: (store, id) => store.rates.count(id, { limit: 9, windowSeconds: 600 }),
    ...{ look: () => undefined, before: undefined, after: undefined, again: [some({ isAllowed: true })] },
  },
  {
    name: 'insert of a token',
    ...{ arrange: () => undefined, run: issues, look: findsToken },
    ...{ before: [], after: [{ id: expect.any(String) }], again: [expect.any(Number)] },
  },
  {
    name: 'consume',
    ...{ arrange: issues, run: (store, id) => store.tokens.consume(id), look: findsToken },
    ...{ before: [{ id: expect.any(String) }], after: [], again: [undefined, some({ purpose: 'password-reset' })] },
  },
  {
    name: 'revokeAll of tokens',
    ...{ arrange: issues, run: (store, id) => store.tokens.revokeAll(id), look: findsToken },
    ...{ before: [{ id: expect.any(String) }], after: [], again: [0, 1] },
  },
]

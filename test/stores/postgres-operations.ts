import type { PostgresStore } from '@latchkey/stores/postgres'
import { expect } from 'vitest'
import type { OpenClient } from './postgres-clients.js'
import { keyOperations } from './postgres-key-operations.js'
import { eventually, key, request } from './postgres-records.js'

/** One operation of a store, on records under an id of its own. */
export interface Operation {
  readonly name: string
  /** Brings about what it needs. */
  arrange(store: PostgresStore, id: string): unknown
  run(store: PostgresStore, id: string): unknown
  /** What stands there. */
  look(store: PostgresStore, id: string, rows: OpenClient['run']): unknown
  readonly before: unknown
  readonly after: unknown
  /** What it may answer when it is asked again, under the same token: carried out now, or known to have been. */
  readonly again: readonly unknown[]
}

const reply = Buffer.from('reply')
const record = (state: string, changes = {}) => expect.objectContaining({ state, attempt: 1, ...changes })
const content = expect.objectContaining({ length: reply.length })

const claims: Operation['arrange'] = (store, id) => store.idempotency.claim(request(id))
const findsRecord: Operation['run'] = (store, id) => store.idempotency.find(id)
const findsKey: Operation['run'] = (store, id) => store.keys.find(id)
const nothing = () => undefined
const reserves: Operation['arrange'] = (store, id) => store.replay.reserve(id, `token ${id}`, 30)
const findsMessage: Operation['look'] = async (_, id, rows) =>
  (await rows(`SELECT state FROM latchkey_replay WHERE id = '${id}'`))[0]

export const operations: readonly Operation[] = [
  {
    name: 'claim',
    ...{ arrange: nothing, run: claims, look: findsRecord, before: undefined, after: record('running') },
    again: [{ outcome: 'claimed', attempt: 1 }],
  },
  {
    name: 'renew',
    ...{ arrange: claims, run: (store, id) => store.idempotency.renew(id, `token ${id}`, 3000, 600) },
    look: async (store, id) => {
      const { createdAtMs, leaseUntilMs } = (await store.idempotency.find(id))!
      return { isLong: leaseUntilMs! - createdAtMs > 1_000_000 }
    },
    ...{ before: { isLong: false }, after: { isLong: true }, again: ['ok'] },
  },
  {
    name: 'settle',
    ...{ arrange: claims, run: (store, id) => store.idempotency.settle(id, `token ${id}`, reply, 600) },
    ...{ look: findsRecord, before: record('running'), after: record('settled', { content }), again: ['ok'] },
  },
  {
    name: 'tombstone',
    ...{ arrange: claims, run: (store, id) => store.idempotency.tombstone(id, `token ${id}`, reply, 600) },
    ...{ look: findsRecord, before: record('running'), after: record('tombstone', { content }), again: ['ok'] },
  },
  {
    name: 'release',
    ...{ arrange: claims, run: (store, id) => store.idempotency.release(id, `token ${id}`) },
    ...{ look: findsRecord, before: record('running'), after: undefined, again: ['ok', 'stale'] },
  },
  {
    name: 'find',
    ...{ arrange: claims, run: findsRecord },
    ...{ look: findsRecord, before: record('running'), after: record('running'), again: [record('running')] },
  },
  {
    name: 'list',
    arrange: (store, id) => store.idempotency.claim(request(`${id} listed`)),
    run: (store, id) => store.idempotency.list({ after: id, limit: 1 }),
    ...{ look: nothing, before: undefined, after: undefined, again: [[record('running')]] },
  },
  {
    name: 'resolve',
    arrange: async (store, id) => {
      await store.idempotency.claim(request(id, { leaseSeconds: 0.001 }))
      await eventually(async () => expect(await store.idempotency.find(id)).toMatchObject({ state: 'lapsed' }))
    },
    run: (store, id) => store.idempotency.resolve(id, { kind: 'settle', reply }, 600),
    ...{ look: findsRecord, before: record('lapsed'), after: record('settled', { content }), again: ['ok', 'settled'] },
  },
  {
    name: 'reserve',
    ...{ arrange: nothing, run: reserves, look: findsMessage, before: undefined, after: { state: 'reserved' } },
    again: [{ outcome: 'reserved' }],
  },
  {
    name: 'commit',
    ...{ arrange: reserves, run: (store, id) => store.replay.commit(id, `token ${id}`, 600), look: findsMessage },
    ...{ before: { state: 'reserved' }, after: { state: 'committed' }, again: ['ok'] },
  },
  {
    name: 'release of a message',
    ...{ arrange: reserves, run: (store, id) => store.replay.release(id, `token ${id}`), look: findsMessage },
    ...{ before: { state: 'reserved' }, after: undefined, again: ['ok', 'stale'] },
  },
  {
    name: 'insert of a key',
    ...{ arrange: nothing, run: (store, id) => store.keys.insert(key(id)), look: findsKey },
    ...{ before: undefined, after: expect.objectContaining({ ownerId: 'alice' }), again: ['ok'] },
  },
  {
    name: 'find of a key',
    ...{ arrange: (store, id) => store.keys.insert(key(id)), run: findsKey, look: nothing },
    ...{ before: undefined, after: undefined, again: [expect.objectContaining({ ownerId: 'alice' })] },
  },
  {
    name: 'list of keys',
    arrange: (store, id) => store.keys.insert(key(`${id} listed`)),
    run: (store, id) => store.keys.list({ after: id, limit: 1 }),
    ...{ look: nothing, before: undefined, after: undefined, again: [[expect.objectContaining({ ownerId: 'alice' })]] },
  },
  {
    name: 'revoke',
    ...{ arrange: (store, id) => store.keys.insert(key(id)), run: (store, id) => store.keys.revoke(id, 7, 'leaked') },
    look: findsKey,
    before: expect.objectContaining({ revokedAtMs: null }),
    after: expect.objectContaining({ revokedAtMs: 7, revocationReason: 'leaked' }),
    again: [true],
  },
  {
    name: 'setDisabled',
    ...{ arrange: (store, id) => store.keys.insert(key(id)), run: (store, id) => store.keys.setDisabled(id, 7) },
    look: findsKey,
    before: expect.objectContaining({ disabledAtMs: null }),
    after: expect.objectContaining({ disabledAtMs: 7 }),
    again: [true],
  },
  {
    name: 'purge',
    arrange: async (store, id) => {
      await store.idempotency.claim(request(id, { leaseSeconds: 0.001, ttlSeconds: 0.001 }))
      await eventually(async () => expect(await store.idempotency.find(id)).toBeUndefined())
    },
    run: (store) => store.purge(),
    look: (_, id, rows) => rows(`SELECT state FROM latchkey_idempotency WHERE id = '${id}'`),
    ...{ before: [{ state: 'running' }], after: [], again: [expect.any(Number)] },
  },
  ...keyOperations,
]
